"""The history of a ticket as its page tells it: who did what, when, with which words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from actions.local_facts import LocalFacts
from actions.moves import Moves
from bot.desk.cards import stored
from bot.messages import StoredMedia
from store.staff import Officer
from store.tickets import Attachment, TicketEvent, TicketState


@dataclass(frozen=True)
class Step:
    """One event; `kind` and `actor` as in TicketEvent, the rest empty where the event has none."""

    at: datetime
    kind: str
    actor: str
    officer: str | None
    text: str
    media: tuple[StoredMedia, ...]
    internal: bool
    """Words that only staff read."""
    state: str = ""
    """The state that it led to, as people read it."""
    to: str = ""
    """Whom or what it names: an officer, an agency, the code of another ticket."""
    came_from: str = ""
    """The agency that had the ticket before."""
    before: str = ""
    """Of an edit: the words that stood there."""
    deadline: str = ""
    """Of a warning: the kind of deadline, and how many per cent of its time were gone."""
    percent: int = 0
    level: str = ""
    """Up to which level it came (`routing.LEVELS`)."""
    stars: int = 0
    ended: bool = False
    """Of following: that it ended."""


def steps(
    session: Session,
    events: Sequence[TicketEvent],
    attachments: Iterable[Attachment],
    local: LocalFacts,
) -> list[Step]:
    """The steps of a ticket, the first first."""
    numbers = {event.officer_id for event in events if event.officer_id}
    numbers |= {event.detail["officer"] for event in events if "officer" in event.detail}
    names = _officer_names(session, numbers)
    kept = {attachment.id: stored(attachment) for attachment in attachments}
    return [_step(event, names, kept, local) for event in events]


def _step(
    event: TicketEvent, names: dict[int, str], kept: dict[int, StoredMedia], local: LocalFacts
) -> Step:
    detail = event.detail
    pictures = detail.get("attachments")
    if not isinstance(pictures, list):
        pictures = []  # events of an early version only count them
    return Step(
        at=event.at,
        kind=event.kind,
        actor=event.actor,
        officer=names.get(event.officer_id or 0),
        text=str(detail.get("text", "")),
        media=tuple(kept[n] for n in pictures if n in kept),
        internal=_is_internal(event, local.moves),
        state=local.moves.states[TicketState(event.to_state)].label if event.to_state else "",
        to=_named(detail, names, local),
        came_from=_agency(local, detail.get("from_agency", "")),
        before=str(detail.get("before", "")),
        deadline=str(detail.get("deadline", "")),
        percent=int(detail.get("percent", 0)),
        level=str(detail.get("level", "")),
        stars=int(detail.get("stars", 0)),
        ended=bool(detail.get("ended", False)),
    )


def _is_internal(event: TicketEvent, moves: Moves) -> bool:
    """Whether an officer's words go to no citizen: a note, and moves that tell them nothing."""
    if event.actor != "officer":
        return False
    move = moves.moves.get(event.kind)
    return event.kind == "note" or (move is not None and "reporter" not in move.tells)


def _named(detail: dict[str, object], names: dict[int, str], local: LocalFacts) -> str:
    if isinstance(number := detail.get("officer"), int):
        return names.get(number, "")
    return _agency(local, str(detail.get("agency", ""))) or str(detail.get("target", ""))


def _agency(local: LocalFacts, code: str) -> str:
    agency = local.agencies.get(code)
    return agency.name if agency else code


def _officer_names(session: Session, numbers: set[int]) -> dict[int, str]:
    rows = session.execute(select(Officer.id, Officer.name).where(Officer.id.in_(numbers)))
    return {row.id: row.name for row in rows}
