"""Counts of past days, kept so that figures over years need not look at every case again."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from store.base import Base


class CaseTally(Base):
    """What was counted of a day or a month that is over, here, of all cases of the province.

    It may be thrown away at any time, and is when a case of it changes: the cases are the truth.
    """

    __tablename__ = "case_tally"

    length: Mapped[str] = mapped_column(String(5), primary_key=True)
    """`day`, `month`, or `week`: the topics that grew in the seven days from `first` on."""
    first: Mapped[date] = mapped_column(primary_key=True)
    totals: Mapped[dict[str, Any]]
    """Numbers of cases, as `actions.figures.tally.Totals`; empty for a week."""
    counts: Mapped[dict[str, Any]]
    """The groups of `actions.figures.tally.Tally`; of a week the topics."""


class CaseTallyStale(Base):
    """A day of which something has changed: triggers of the database write it, in the very
    transaction that changes a case, and what was counted of that day holds no longer.
    """

    __tablename__ = "case_tally_stale"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date]
