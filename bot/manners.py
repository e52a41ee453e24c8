"""Sees to it that one chat does not drown the others: floods, and chats that are blocked.

Danger is always heard: a message that the model takes for an emergency goes its way, and so does
what follows it until the report of it is sent.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta

from sqlalchemy import select

from actions import abuse
from bot.clock import shown
from bot.dialogue.state import State
from bot.messages import Kind
from bot.turn import Turn
from store.cases import Block
from store.messages import Author, ConversationRole, OutboxMessage

MESSAGES_A_MINUTE = 40
"""Nobody types more; who sends more is not heard for a while."""

CHATS_REMEMBERED = 20_000
"""Chats whose last minute is kept in memory; the longest silent is forgotten first."""

MINUTE = timedelta(minutes=1)

FRESH = timedelta(seconds=3)
"""Blocks are few and change seldom: they are read so often, and not in every turn."""

SAID_AGAIN_AFTER = timedelta(hours=1)
"""A blocked chat is told so again after so long, and otherwise left without an answer."""


class Manners:
    """Keeps count of one process's messages; the blocks are in the database, for all of them."""

    def __init__(self) -> None:
        self._minutes: OrderedDict[int, deque[tuple[int, datetime]]] = OrderedDict()
        self._blocks: dict[int, Block] = {}
        self._looked_at: datetime | None = None

    def turned_away(self, turn: Turn) -> bool:
        """Whether the event of a citizen is not to be handled; says why, now and then."""
        if turn.conversation.role != ConversationRole.CITIZEN or turn.incoming.kind == Kind.ERASE:
            return False
        block = self._block_of(turn)
        if block is None and self._floods(turn):
            block = abuse.block(
                turn.session,
                turn.conversation,
                reason=abuse.FLOODED,
                until=turn.now + abuse.FLOOD_BLOCK,
                now=turn.now,
            )
            self._looked_at = None
        if block is None or _tells_of_danger(turn):
            return False
        if not _said_lately(turn, block):
            until_when = shown(block.until)
            name = "utter_flood" if block.officer_id is None else "utter_blocked"
            said = turn.responses.say(name, until=until_when, reason=block.reason)
            turn.say(said, author=Author.SYSTEM)
        return True

    def _block_of(self, turn: Turn) -> Block | None:
        """The chat's block, by a look at all of them that is a few seconds old at most."""
        if self._looked_at is None or not self._looked_at <= turn.now < self._looked_at + FRESH:
            self._blocks, self._looked_at = abuse.in_force(turn.session, turn.now), turn.now
        return self._blocks.get(turn.conversation.id)

    def _floods(self, turn: Turn) -> bool:
        """Whether this is one message too many; a turn that is run again is counted once."""
        seen = self._minutes.setdefault(turn.conversation.id, deque())
        self._minutes.move_to_end(turn.conversation.id)
        while len(self._minutes) > CHATS_REMEMBERED:
            self._minutes.popitem(last=False)
        if all(number != turn.event_id for number, _ in seen):
            seen.append((turn.event_id, turn.now))
        while seen and seen[0][1] <= turn.now - MINUTE:
            seen.popleft()
        return len(seen) > MESSAGES_A_MINUTE


def _tells_of_danger(turn: Turn) -> bool:
    """Whether the message tells of danger, or a danger is being reported: where it is, "send"."""
    understanding = turn.prepared.understanding
    if understanding is not None and understanding.intent.name == "emergency":
        return True
    frames = State.read(turn.conversation.state).frames
    return any(frame.slots.get("urgency") == "urgent" for frame in frames)


def _said_lately(turn: Turn, block: Block) -> bool:
    """Whether something was said in the chat since it is blocked, and not long ago."""
    since = max(block.created_at, turn.now - SAID_AGAIN_AFTER)
    return (
        turn.session.scalar(
            select(OutboxMessage.id)
            .where(
                OutboxMessage.conversation_id == turn.conversation.id,
                OutboxMessage.created_at >= since,
                OutboxMessage.author == Author.SYSTEM,
            )
            .limit(1)
        )
        is not None
    )
