"""Whom a ticket can be given to: offices it can be transferred to, officers to have it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from actions import rights, routing
from actions.local_facts import AgencyFact, LocalFacts
from store.staff import Officer
from store.tickets import Ticket

_OF_A_COMMUNE = re.compile(r".+-(\d{5})")


def agencies(local: LocalFacts, ticket: Ticket) -> list[AgencyFact]:
    """The offices of the ticket's own commune, then those of the province; not the one it is at."""
    own, provincial = [], []
    for agency in local.agencies.values():
        unit = _OF_A_COMMUNE.fullmatch(agency.code)
        if agency.code == ticket.agency_code:
            continue
        if unit is None:
            provincial.append(agency)
        elif unit.group(1) == ticket.commune_code:
            own.append(agency)
    return own + provincial


def all_agencies(local: LocalFacts) -> list[AgencyFact]:
    """Every office: those of the province, then those of the communes."""
    return sorted(local.agencies.values(), key=lambda one: bool(_OF_A_COMMUNE.fullmatch(one.code)))


def officers(session: Session, ticket: Ticket, now: datetime) -> Sequence[Officer]:
    """Who can be given the ticket: at work, of its agency or of no particular one."""
    return routing.at_work(session, ticket.agency_code, now)


def colleagues(session: Session, officer: Officer, now: datetime) -> Sequence[Officer]:
    """Whom an officer can give tickets to: at work, of the same agency or of no particular one."""
    if officer.agency_code is None or rights.sees_all(officer):
        return routing.everybody_at_work(session, now)
    return routing.at_work(session, officer.agency_code, now)
