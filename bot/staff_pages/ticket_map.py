"""The map on a ticket's page: its point, and what lies behind it.

Unless the province names a server of map tiles (MAP_TILES), no server is asked for anything: the
background is the middle of each commune, with its name.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from actions.local_facts import LocalFacts
from bot.desk.cards import MAP_LINK
from bot.settings import Settings
from bot.web_security import content_security_policy, origin_of
from store.tickets import Ticket


@dataclass(frozen=True)
class Map:
    """What the script draws; degrees, WGS 84."""

    latitude: float
    longitude: float
    exact: bool
    """Off where only the commune is known, whose middle this is."""
    link: str
    """The place on openstreetmap.org, for whoever follows it."""
    tiles: str
    attribution: str
    communes: str
    """JSON: name, latitude and longitude of each; empty where there are tiles."""


def of_ticket(ticket: Ticket, settings: Settings, local: LocalFacts) -> Map | None:
    """The map of a ticket; None where nobody knows where it is."""
    commune = local.commune(ticket.commune_code) if ticket.commune_code else None
    if ticket.latitude is not None and ticket.longitude is not None:
        latitude, longitude, exact = ticket.latitude, ticket.longitude, True
    elif commune is not None:
        latitude, longitude, exact = commune.lat, commune.lon, False
    else:
        return None
    points = [(c.name, c.lat, c.lon) for c in local.communes.values()]
    return Map(
        latitude=latitude,
        longitude=longitude,
        exact=exact,
        link=MAP_LINK.format(latitude=latitude, longitude=longitude),
        tiles=settings.map_tiles,
        attribution=settings.map_attribution,
        communes="" if settings.map_tiles else json.dumps(points, ensure_ascii=False),
    )


def page_policy(settings: Settings) -> str:
    """The content security policy of a page with a map: pictures of the tiles' server, if any."""
    return content_security_policy(images=(origin_of(settings.map_tiles),))
