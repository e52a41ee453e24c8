"""Why an officer's wish is refused, by the names under which the group and the page say it."""

from __future__ import annotations

from actions import cases, correspondence, handoff
from actions.canned import BlankLeft
from actions.tickets import TicketNotFound
from bot.desk.citizen_news import DocumentNotTaken, VideoNotTaken
from store.staff import Officer, OfficerRole
from store.tickets import Ticket

NAMES: dict[type[Exception], str] = {
    cases.MoveNotAllowed: "not_allowed",
    cases.TicketTaken: "taken",
    cases.OfficerAway: "officer_away",
    cases.AnswerMissing: "answer_missing",
    cases.AnswerSaysNothing: "answer_says_nothing",
    cases.PhotoMissing: "photo_missing",
    cases.ReasonMissing: "reason_missing",
    cases.OfficerMissing: "officer_missing",
    cases.AgencyMissing: "agency_missing",
    cases.TargetUnfit: "target_unfit",
    correspondence.NobodyWaits: "withdrawn",
    TicketNotFound: "ticket",
    BlankLeft: "blank_left",
    VideoNotTaken: "video",
    DocumentNotTaken: "document",
    handoff.NoOpenHandoff: "handoff",
    handoff.TakenByAnother: "chat_taken",
}

REFUSED: tuple[type[Exception], ...] = (cases.MoveForbidden, *NAMES)


def name_of(refusal: Exception, officer: Officer, ticket: Ticket | None) -> str:
    """What a refusal is called; a wish that is not for this officer, by what stands in its way."""
    if not isinstance(refusal, cases.MoveForbidden):
        return NAMES[type(refusal)]
    if officer.role == OfficerRole.LEADER:
        return "leader_reads"
    if ticket is not None and not cases.may_act(ticket, cases.by_officer(officer)):
        return "other_agency"
    return "lead_only"


def officer_in(refusal: Exception) -> str:
    """The name of the colleague whom a refusal is about; empty where it is about none."""
    officer = getattr(refusal, "officer", None)
    return officer.name if isinstance(officer, Officer) else ""
