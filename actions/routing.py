"""Who is to act on a ticket, and who stands above them. Nothing goes nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from actions.local_facts import AgencyFact, LocalFacts
from store.staff import Officer, OfficerRole
from store.tickets import Ticket

WORKING_ROLES = (OfficerRole.OFFICER, OfficerRole.LEAD, OfficerRole.DUTY, OfficerRole.ADMIN)

LEVELS = ("officer", "lead", "duty", "leader")
"""Whom a ticket reaches as it goes up: `Ticket.escalation` counts them."""

_ROLES_OF_LEVEL = {
    "lead": (OfficerRole.LEAD,),
    "duty": (OfficerRole.DUTY, OfficerRole.ADMIN),
    "leader": (OfficerRole.LEADER, OfficerRole.ADMIN),
}


_PRESENT = and_(
    Officer.active.is_(True),
    or_(Officer.away_until.is_(None), Officer.away_until <= bindparam("now")),
)
_OF_AGENCY = and_(
    _PRESENT,
    or_(Officer.agency_code == bindparam("agency"), Officer.agency_code.is_(None)),
    Officer.role.in_(WORKING_ROLES),
)
# Built once: building a statement costs more than running it.
_AT_WORK = select(Officer).where(_OF_AGENCY).order_by(Officer.agency_code.is_(None), Officer.name)
_STAFFED = select(Officer.id).where(_OF_AGENCY).limit(1)


@dataclass(frozen=True)
class Route:
    """Where a ticket goes. `level` is 2 when the agency has nobody at work: the duty officer's."""

    agency: AgencyFact
    team: str
    level: int


def route(
    session: Session,
    local: LocalFacts,
    *,
    category: str,
    urgency: str,
    commune_code: str | None,
    now: datetime,
) -> Route:
    """The agency and team by the table; where nobody of it is at work, the duty officer too."""
    agency, team = local.route(category, urgency, commune_code)
    staffed = session.scalar(_STAFFED, {"agency": agency.code, "now": now}) is not None
    return Route(agency, team, 0 if staffed else LEVELS.index("duty"))


def at_work(session: Session, agency_code: str, now: datetime) -> Sequence[Officer]:
    """Who can be given a ticket of an agency: its officers and those of none, not on leave."""
    return session.scalars(_AT_WORK, {"agency": agency_code, "now": now}).all()


def everybody_at_work(session: Session, now: datetime) -> Sequence[Officer]:
    """Who can be given a ticket of some agency, not on leave, by name."""
    return session.scalars(
        _present(now).where(Officer.role.in_(WORKING_ROLES)).order_by(Officer.name)
    ).all()


def above(
    session: Session, ticket: Ticket, level: int, now: datetime
) -> tuple[int, Sequence[Officer]]:
    """The first level from `level` on at which somebody is, and who; the last one if nobody is."""
    for number in range(level, len(LEVELS)):
        found = _of_level(session, ticket, LEVELS[number], now)
        if found:
            return number, found
    return len(LEVELS) - 1, ()


def _of_level(session: Session, ticket: Ticket, level: str, now: datetime) -> Sequence[Officer]:
    query = _present(now).where(Officer.role.in_(_ROLES_OF_LEVEL[level]))
    if level == "lead":
        query = query.where(
            or_(Officer.agency_code == ticket.agency_code, Officer.agency_code.is_(None))
        )
    return session.scalars(query.order_by(Officer.name)).all()


def _present(now: datetime) -> Select[Officer]:
    return select(Officer).where(_PRESENT).params(now=now)
