"""Open tickets that may be about the same: the citizen sees them, and may follow one instead."""

from __future__ import annotations

from actions import additions, duplicates, following, tickets
from actions.duplicates import Likely
from bot.clock import shown
from bot.desk.cards import stored
from bot.dialogue.flows import ticket_additions
from bot.dialogue.flows.report import contact
from bot.dialogue.flows.report.draft import draft_of, editing
from bot.dialogue.flows.report.sending import sent_before, ticket_draft
from bot.dialogue.flows.report.summary import shortened
from bot.dialogue.heard import Heard
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk
from bot.messages import StoredMedia
from nlu import personal
from store.tickets import Ticket

SHOWN = 3
TEXT_SHOWN = 160
"""Characters of somebody else's report that are shown, without what tells who wrote it."""
PLACE_SHOWN = 80


def offered(talk: Talk, frame: Frame) -> bool:
    """Show what is likely the same, once per report; an urgent one is not held up."""
    draft = draft_of(frame)
    if draft.alike_asked or draft.urgency == "urgent" or draft.intent == "emergency":
        return False
    as_sent = ticket_draft(talk, frame)
    if sent_before(talk, frame, as_sent):
        return True
    found = duplicates.likely(talk.session, as_sent, local=talk.local, now=talk.now, limit=SHOWN)
    if not found:
        return False
    mine = [likely for likely in found if _own(talk, likely.ticket)]
    found = mine[:1] or found
    with editing(frame) as draft:
        draft.alike_asked = True
        draft.alike = [likely.ticket.code for likely in found]
    frame.step = "alike"
    for number, likely in enumerate(found, 1):
        _show(talk, number, likely)
    ask(talk, frame)
    return True


def ask(talk: Talk, frame: Frame) -> None:
    """Which of them it is, if one; their codes stand in the buttons. One's own stands alone."""
    codes = draft_of(frame).alike
    fields = {f"code{number}": code for number, code in enumerate(codes, 1)}
    mine = _own(talk, tickets.find_by_code(talk.session, codes[0]))
    talk.ask(frame, f"utter_report_ask_alike_{'own' if mine else len(codes)}", **fields)


def take(talk: Talk, frame: Frame, heard: Heard) -> bool:
    """A yes to the only one, or a no to all; pictures and other words are for the report."""
    codes = draft_of(frame).alike
    if heard.control == "yes" and len(codes) == 1:
        choose(talk, frame, codes[0])
        return True
    if heard.control in ("no", "skip"):
        frame.step = ""
        return True
    return False


def choose(talk: Talk, frame: Frame, code: str) -> bool:
    """Follow that one instead: its officers get the words and pictures, nothing else is sent."""
    draft = draft_of(frame)
    if code not in draft.alike:
        return False
    ticket = following.standing_for(talk.session, ticket_additions.to_work_on(talk, code))
    if not talk.local.moves.is_open(ticket):
        frame.step = ""
        talk.bridge = talk.text("utter_part_alike_ended", code=code)
        talk.flows[frame.flow].advance(talk, frame)
        return True
    contact.refuse(talk, frame)
    words = additions.Said(ticket_draft(talk, frame).text, tuple(draft.attachments))
    talk.state.remember_sent(frame, ticket.code)
    talk.close_frame(frame)
    own = _own(talk, ticket)
    if not own:
        following.follow(talk.session, ticket, talk.conversation, now=talk.now)
    ticket_additions.put_on(talk, ticket, words)
    talk.say("utter_ticket_added" if own else "utter_follow_instead", code=ticket.code)
    return True


def _own(talk: Talk, ticket: Ticket) -> bool:
    return ticket.conversation_id == talk.conversation.id


def _show(talk: Talk, number: int, likely: Likely) -> None:
    ticket = likely.ticket
    own = _own(talk, ticket)
    text = ticket.text if own else personal.mask(ticket.text)
    talk.show(
        "utter_report_alike",
        _picture(ticket),
        number=number,
        code=ticket.code,
        text=shortened(text, TEXT_SHOWN),
        place=_place(talk, likely, own=own),
        sent=shown(ticket.created_at),
        state=talk.text(f"utter_part_ticket_state_{ticket.state}"),
    )


def _place(talk: Talk, likely: Likely, *, own: bool) -> str:
    """Where it is, and how far from where this report is about."""
    ticket = likely.ticket
    commune = talk.local.commune(ticket.commune_code) if ticket.commune_code else None
    words = ticket.place_text or (commune.name if commune else "")
    words = words or talk.text("utter_part_place_unknown")
    words = shortened(words if own else personal.mask(words), PLACE_SHOWN)
    if likely.distance_m is None:
        return words
    metres = max(10, round(likely.distance_m, -1))
    return talk.text("utter_part_alike_distance", place=words, metres=f"{metres:.0f}")


def _picture(ticket: Ticket) -> tuple[StoredMedia, ...]:
    """The first photo that came with it."""
    photos = (a for a in ticket.attachments if a.kind == "photo" and a.purpose == "report")
    return tuple(stored(photo) for photo in photos)[:1]
