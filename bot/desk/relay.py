"""A citizen's words while a person has the chat."""

from __future__ import annotations

from actions import handoff
from bot.desk import cards, citizen_news, notices
from bot.desk.posting import post_to_group
from bot.dialogue.secrecy import denounces
from bot.messages import Kind, Outgoing
from bot.turn import Turn
from store.messages import Author
from store.tickets import Attachment

_SILENT = frozenset({Kind.OPENED, Kind.MEMBERSHIP})
"""Events that say nothing to the person who has the chat."""


def from_citizen(turn: Turn) -> None:
    """Pass on what the citizen sends; the bot itself says nothing.

    A denunciation goes to no group: the citizen is shown the protected way instead, and nothing of
    the message is kept. In a chat handed over because of one, the group hears only that the citizen
    has written; the words are on the staff page. What is answered in Zalo's console is read there.
    """
    chat = turn.conversation
    if turn.incoming.kind in _SILENT:
        return
    if denounces(turn):
        turn.erase_payload()
        turn.say(turn.responses.say("utter_denunciation_in_handoff"), author=Author.SYSTEM)
        notices.announce_chat(turn, "utter_staff_denunciation_withheld", chat)
        return
    _keep_pictures(turn)
    under_way = handoff.open_handoff(turn.session, chat)
    if under_way is None or handoff.in_console(under_way):
        return
    if under_way.reason == "denunciation":
        notices.announce_chat(turn, "utter_staff_citizen_wrote_in_secret", chat)
        return
    for said in _words(turn):
        post_to_group(turn, said, about=chat)


def taken_over(turn: Turn) -> None:
    """An officer writes in Zalo's own console: the bot is silent, and colleagues hear of it once.

    What the citizen writes then is not repeated in the group. The chat comes back to the bot when
    the citizen or an officer says so, or by the citizen's first word after a long silence there.
    """
    begun, news = handoff.written_in_console(turn.session, turn.conversation, now=turn.now)
    if news and handoff.in_console(begun):
        notices.announce_handoff(turn, begun)
    elif news:
        notices.announce_chat(turn, "utter_staff_chat_in_console", turn.conversation)


def citizen_returns(turn: Turn) -> None:
    """The citizen gives the chat back to the bot."""
    citizen_news.give_back(turn, turn.conversation, by_citizen=True)


def _keep_pictures(turn: Turn) -> None:
    for item in turn.prepared.media:
        turn.session.add(
            Attachment(
                conversation_id=turn.conversation.id,
                kind=item.kind,
                mime=item.mime,
                size=item.size,
                look=item.look,
                path=item.path,
                created_at=turn.now,
            )
        )


def _words(turn: Turn) -> list[Outgoing]:
    """What the officer reads and sees: each message begins with the number of the chat."""
    chat, event, prepared = turn.conversation, turn.incoming, turn.prepared
    lines = [event.text] if event.text.strip() else []
    if event.location is not None:
        lines.append(cards.MAP_LINK.format(**event.location.model_dump()))
    if event.contact is not None:
        lines.append(event.contact.phone)
    if event.kind in (Kind.UNSUPPORTED, Kind.PRESS):
        lines.append(turn.responses.text(f"utter_staff_citizen_{event.kind}"))
    if prepared.failed_media:
        lines.append(
            turn.responses.text("utter_staff_citizen_media_failed", count=prepared.failed_media)
        )
    return [
        *cards.citizen_words(turn, chat, "\n".join(lines)),
        *cards.pictures(cards.chat_label(turn, chat), prepared.media),
    ]
