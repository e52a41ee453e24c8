"""What everybody may see of cases: their state, and what staff have released of them.

The views hold nothing else, so no page can show more by mistake.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from actions import ticket_code
from actions.figures import tally
from actions.figures.kept import Kept
from actions.figures.periods import day_of
from actions.figures.tally import Totals
from actions.happened import Span
from actions.local_facts import AgencyFact
from actions.releases import IS_PUBLIC
from store.cases import DeadlineKind, TicketDeadline
from store.desk import TicketRelease
from store.local import Commune
from store.tickets import Attachment, Ticket, TicketEvent, TicketState

PAGE_SIZE = 20

STEPS = frozenset(
    {
        "create",
        "accept",
        "start",
        "ask",
        "answered",
        "resume",
        "transfer",
        "merge",
        "unmerge",
        "resolve",
        "reject",
        "confirm",
        "expire",
        "dispute",
        "withdraw",
    }
)
"""Events that are told, by their kind alone; who did them and what was said are not."""

STATES: Mapping[str, tuple[TicketState, ...]] = {
    "open": (
        TicketState.NEW,
        TicketState.ACCEPTED,
        TicketState.ASSIGNED,
        TicketState.IN_PROGRESS,
        TicketState.WAITING,
        TicketState.TRANSFERRED,
        TicketState.REOPENED,
    ),
    "answered": (TicketState.RESOLVED, TicketState.CLOSED),
    "rejected": (TicketState.REJECTED,),
}
"""What the list can be narrowed to."""

_NO_CODE = "PA-"
"""Looked for in place of what is no code, so that a wrong code takes as long, whatever is wrong."""


class CaseNotFound(Exception):
    """No case has this code, or it is no code at all: which of the two is nobody's business."""


@dataclass(frozen=True)
class Step:
    """Something that happened; `agency` is the name of whom it was given to."""

    at: datetime
    kind: str
    agency: str | None


@dataclass(frozen=True)
class Deadline:
    """By when it must be resolved, and when it was."""

    due_at: datetime
    met_at: datetime | None
    paused: bool

    @property
    def kept(self) -> bool | None:
        """None while it is not answered."""
        return None if self.met_at is None else self.met_at <= self.due_at


@dataclass(frozen=True)
class Released:
    """What staff have released; `photos` are numbers of attachments."""

    text: str
    place: str
    answer: str
    photos: tuple[int, ...]
    at: datetime


@dataclass(frozen=True)
class Case:
    """One case as everybody may see it."""

    code: str
    state: str
    category: str
    agency: str
    commune: str | None
    sent_at: datetime
    steps: tuple[Step, ...]
    deadline: Deadline | None
    released: Released | None
    joined: str | None
    """The code of the public case that it was merged into."""


@dataclass(frozen=True)
class Wanted:
    """Which of the released cases; an empty string means no limit.

    `state` is a name of STATES. `after` is the code of the case that the page before ended with.
    """

    category: str = ""
    commune: str = ""
    state: str = ""
    since: datetime | None = None
    after: str = ""


@dataclass(frozen=True)
class Listed:
    """A line of the list."""

    code: str
    state: str
    category: str
    agency: str
    commune: str | None
    text: str
    place: str
    sent_at: datetime
    photos: int


@dataclass(frozen=True)
class CommuneCount:
    """How many released cases lie in a unit; the point is the unit's middle, in degrees."""

    code: str
    name: str
    latitude: float
    longitude: float
    count: int


@dataclass(frozen=True)
class Figures:
    """Counts of a period: cases sent, answered, answered in time; rated of those closed in it."""

    received: int
    answered: int
    on_time: int
    rated: int
    satisfied: int

    @classmethod
    def of(cls, totals: Totals) -> Figures:
        return cls(
            received=totals[tally.RECEIVED],
            answered=totals[tally.ANSWERED],
            on_time=totals[tally.ANSWERED] - totals[tally.LATE],
            rated=totals[tally.RATED],
            satisfied=totals[tally.SATISFIED],
        )


def find(session: Session, typed: str, agencies: Mapping[str, AgencyFact]) -> Case:
    """The case whose code was typed, in any spelling.

    Raises:
        CaseNotFound: there is none.
    """
    row = session.execute(
        select(Ticket, Commune.name)
        .outerjoin(Commune, Commune.code == Ticket.commune_code)
        .where(Ticket.code == _code(typed))
    ).one_or_none()
    if row is None:
        raise CaseNotFound
    ticket, commune = row
    return Case(
        code=ticket.code,
        state=ticket.state,
        category=ticket.category,
        agency=ticket.agency_name,
        commune=commune,
        sent_at=ticket.created_at,
        steps=_steps(session, ticket, agencies),
        deadline=_deadline(session, ticket),
        released=_released(session, ticket),
        joined=_joined(session, ticket),
    )


def photo(session: Session, typed: str, number: int) -> str:
    """Where the media folder has a photo of a case that was released.

    Raises:
        CaseNotFound: there is no such case, or it shows no such photo.
    """
    row = session.execute(
        select(Attachment.path, TicketRelease.attachment_ids)
        .join(Ticket, Ticket.id == Attachment.ticket_id)
        .join(TicketRelease, TicketRelease.ticket_id == Ticket.id)
        .where(Ticket.code == _code(typed), Attachment.id == number, IS_PUBLIC, *_PHOTO)
    ).one_or_none()
    if row is None or number not in row.attachment_ids:
        raise CaseNotFound
    return str(row.path)


def listed(session: Session, wanted: Wanted, *, limit: int = PAGE_SIZE) -> list[Listed]:
    """The released cases, those released last first."""
    last = session.execute(
        select(TicketRelease.released_at, TicketRelease.ticket_id)
        .join(Ticket, Ticket.id == TicketRelease.ticket_id)
        .where(Ticket.code == wanted.after)
    ).one_or_none()
    beyond: list[ColumnElement[bool]] = []
    if last is not None:
        earlier = TicketRelease.released_at < last.released_at
        same = TicketRelease.released_at == last.released_at
        reached = TicketRelease.released_at <= last.released_at  # for the index
        beyond = [reached, or_(earlier, and_(same, TicketRelease.ticket_id < last.ticket_id))]
    rows = session.execute(
        select(Ticket, TicketRelease, Commune.name)
        .join(TicketRelease, TicketRelease.ticket_id == Ticket.id)
        .outerjoin(Commune, Commune.code == Ticket.commune_code)
        .where(IS_PUBLIC, *_narrowed(wanted), *beyond)
        .order_by(TicketRelease.released_at.desc(), TicketRelease.ticket_id.desc())
        .limit(limit)
    )
    return [
        Listed(
            code=ticket.code,
            state=ticket.state,
            category=ticket.category,
            agency=ticket.agency_name,
            commune=commune,
            text=release.text,
            place=release.place,
            sent_at=ticket.created_at,
            photos=len(release.attachment_ids),
        )
        for ticket, release, commune in rows
    ]


def by_commune(session: Session, wanted: Wanted) -> list[CommuneCount]:
    """How many released cases each unit has, whatever unit is wanted; those with most first."""
    count = func.count(Ticket.id)
    rows = session.execute(
        select(Commune.code, Commune.name, Commune.latitude, Commune.longitude, count)
        .join(Ticket, Ticket.commune_code == Commune.code)
        .join(TicketRelease, TicketRelease.ticket_id == Ticket.id)
        .where(IS_PUBLIC, *_narrowed(wanted, commune=False))
        .group_by(Commune.code, Commune.name, Commune.latitude, Commune.longitude)
        .order_by(count.desc(), Commune.name)
    )
    return [CommuneCount(*row) for row in rows]


def figures(session: Session, first: date | None, now: datetime) -> tuple[Figures, Figures]:
    """What happened from a day on, to all cases, and to those that are released.

    Counted as for the leader. Without a day: from the first case on.
    """
    if first is None:
        oldest = session.scalar(select(func.min(Ticket.created_at)))
        first = day_of(oldest or now)
    span = Span.of_days(first, day_of(now))
    released = select(TicketRelease.ticket_id).join(Ticket).where(IS_PUBLIC)
    return (
        Figures.of(Kept(session, now).count_totals(span)),
        Figures.of(tally.count_totals(session, span, [Ticket.id.in_(released)])),
    )


_PHOTO = (Attachment.kind == "photo", Attachment.purpose == "after")


def _code(typed: str) -> str:
    try:
        return ticket_code.read(typed)
    except ticket_code.TicketCodeUnreadable:
        return _NO_CODE


def _steps(
    session: Session, ticket: Ticket, agencies: Mapping[str, AgencyFact]
) -> tuple[Step, ...]:
    events: Sequence[TicketEvent] = session.scalars(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind.in_(STEPS))
        .order_by(TicketEvent.id)
    ).all()
    steps = []
    for event in events:
        given = agencies.get(str(event.detail.get("agency", "")))
        steps.append(Step(event.at, event.kind, given.name if given else None))
    return tuple(steps)


def _deadline(session: Session, ticket: Ticket) -> Deadline | None:
    """None for a case that needs no answer any more: taken back, or merged into another."""
    if ticket.state in (TicketState.WITHDRAWN, TicketState.MERGED):
        return None
    row = session.get(TicketDeadline, (ticket.id, DeadlineKind.RESOLVE))
    if row is None:
        return None
    return Deadline(row.due_at, row.met_at, ticket.paused_at is not None)


def _released(session: Session, ticket: Ticket) -> Released | None:
    release = session.scalar(
        select(TicketRelease)
        .join(Ticket, Ticket.id == TicketRelease.ticket_id)
        .where(TicketRelease.ticket_id == ticket.id, IS_PUBLIC)
    )
    if release is None:
        return None
    photos = session.scalars(
        select(Attachment.id)
        .where(
            Attachment.ticket_id == ticket.id, Attachment.id.in_(release.attachment_ids), *_PHOTO
        )
        .order_by(Attachment.id)
    )
    return Released(release.text, release.place, release.answer, tuple(photos), release.released_at)


def _joined(session: Session, ticket: Ticket) -> str | None:
    return session.scalar(
        select(Ticket.code)
        .join(TicketRelease, TicketRelease.ticket_id == Ticket.id)
        .where(Ticket.id == ticket.merged_into_id, IS_PUBLIC)
    )


def _narrowed(wanted: Wanted, *, commune: bool = True) -> list[ColumnElement[bool]]:
    where = _sent_since(wanted.since)
    if wanted.category:
        where.append(Ticket.category == wanted.category)
    if wanted.commune and commune:
        where.append(Ticket.commune_code == wanted.commune)
    if wanted.state:
        where.append(Ticket.state.in_(STATES[wanted.state]))
    return where


def _sent_since(since: datetime | None) -> list[ColumnElement[bool]]:
    return [] if since is None else [Ticket.created_at >= since]
