"""What the filters of the inbox offer."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions import rights
from store.local import Agency, Commune
from store.staff import Officer
from store.tickets import Ticket


@dataclass(frozen=True)
class Choices:
    """As (value, name); no agencies to whoever sees those of one only."""

    communes: list[tuple[str, str]] = field(default_factory=list)
    agencies: list[tuple[str, str]] = field(default_factory=list)


def choices(session: Session, officer: Officer) -> Choices:
    """Every commune, and of some hundreds of agencies those that have had a case, by name."""
    communes = session.execute(select(Commune.code, Commune.name).order_by(Commune.name))
    agencies: list[tuple[str, str]] = []
    if rights.sees_all(officer):
        asked = select(Ticket.id).where(Ticket.agency_code == Agency.code).exists()
        rows = session.execute(select(Agency.code, Agency.name).where(asked).order_by(Agency.name))
        agencies = [(code, name) for code, name in rows]
    return Choices(
        communes=[(code, name) for code, name in communes],
        agencies=agencies if len(agencies) > 1 else [],
    )
