"""Sends what belongs in a topic of a group: opens the topic when the first message goes there.

A topic is noted at once when it is opened, and so is its card when it is sent. A crash in between
leaves an empty topic, or an old card, behind in the group, and the next try makes another.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace

from sqlalchemy import select

from bot.channels.base import Channel, TopicClosed, TopicGone, Undeliverable
from bot.messages import Outgoing
from bot.work import OutboxRow
from store.engine import Database
from store.groups import Topic
from store.messages import OutboxMessage, OutboxStatus

log = logging.getLogger(__name__)

CARD_LOST = frozenset({"message_to_edit_gone", "message_not_editable"})
"""Why a card cannot be put in the place of an earlier one, so that it is sent anew."""

CARDS_LOOKED_AT = 20
"""Newest messages of a topic among which its card is looked for."""


@dataclass(frozen=True)
class Spot:
    """A topic as it stands: `thread` and `card` are the messenger's ids, once there are any."""

    id: int
    name: str
    thread: str | None
    card: str | None
    closed: bool


class TopicRows:
    """Reads and writes topics; every method is one short transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def spot(self, topic_id: int) -> Spot:
        with self._database.read() as session:
            topic = session.get_one(Topic, topic_id)
            return Spot(
                topic.id, topic.name, topic.thread_id, topic.card_id, topic.closed_at is not None
            )

    def opened(self, topic_id: int, thread: str | None) -> None:
        """Note where the topic is now (None: nowhere); its card is yet to be sent there."""
        with self._database.write() as session:
            topic = session.get_one(Topic, topic_id)
            topic.thread_id, topic.card_id = thread, None

    def shown(self, topic_id: int, card: str) -> None:
        """Note the message that is the topic's card."""
        with self._database.write() as session:
            session.get_one(Topic, topic_id).card_id = card

    def last_card(self, row: OutboxRow) -> Outgoing | None:
        """The newest card sent to the topic of a row before it."""
        with self._database.read() as session:
            payloads = session.scalars(
                select(OutboxMessage.payload)
                .where(
                    OutboxMessage.conversation_id == row.conversation_id,
                    OutboxMessage.topic_id == row.topic_id,
                    OutboxMessage.status == OutboxStatus.SENT,
                    OutboxMessage.id < row.id,
                )
                .order_by(OutboxMessage.id.desc())
                .limit(CARDS_LOOKED_AT)
            )
            return next((Outgoing.model_validate(p) for p in payloads if p.get("pin")), None)


class TopicDelivery:
    """Sends a row of the outbox into its topic.

    Args:
        rows: where topics are noted.
    """

    def __init__(self, rows: TopicRows) -> None:
        self._rows = rows

    async def send(self, channel: Channel, row: OutboxRow, topic_id: int) -> str | None:
        """Send it, and note what became of its topic; raises as `Channel.send`."""
        spot = await asyncio.to_thread(self._rows.spot, topic_id)
        try:
            return await self._send(channel, row, spot)
        except TopicGone:
            log.warning("topic %d was deleted in its group", spot.id)
            await asyncio.to_thread(self._rows.opened, spot.id, None)
            return await self._send(channel, row, replace(spot, thread=None, card=None))

    async def _send(self, channel: Channel, row: OutboxRow, spot: Spot) -> str | None:
        message = row.message
        if message.topic_is is not None:
            if spot.thread is not None:
                is_open = message.topic_is == "open"
                await channel.set_topic(row.chat_id, spot.thread, is_open=is_open)
            return None
        if spot.thread is None:
            spot = await self._open(channel, row, spot)
        return await self._post(channel, row, spot, message)

    async def _open(self, channel: Channel, row: OutboxRow, spot: Spot) -> Spot:
        """Open the topic, with its card on top when that was sent elsewhere before."""
        thread = await channel.open_topic(row.chat_id, spot.name)
        if thread is None:
            return spot
        await asyncio.to_thread(self._rows.opened, spot.id, thread)
        spot = replace(spot, thread=thread, card=None)
        card = await asyncio.to_thread(self._rows.last_card, row)
        if card is not None and not row.message.pin:
            number = await self._post(channel, row, spot, card)
            spot = replace(spot, card=number)
        return spot

    async def _post(
        self, channel: Channel, row: OutboxRow, spot: Spot, message: Outgoing
    ) -> str | None:
        if spot.thread is not None:
            message = message.model_copy(update={"topic": spot.thread})
        try:
            if message.pin:
                return await self._show_card(channel, row, spot, message)
            return await channel.send(row.chat_id, message)
        except TopicClosed:
            if spot.thread is None:
                raise
            return await self._post_though_closed(channel, row, spot.thread, message, spot)

    async def _post_though_closed(
        self, channel: Channel, row: OutboxRow, thread: str, message: Outgoing, spot: Spot
    ) -> str | None:
        """Open the topic for it; where that may not be, say it in the group outside of topics."""
        try:
            await channel.set_topic(row.chat_id, thread, is_open=True)
        except TopicGone:
            raise
        except Undeliverable as error:
            log.warning("topic %d is closed and stays so: %s", spot.id, error.reason)
            return await channel.send(row.chat_id, row.message)
        number = await channel.send(row.chat_id, message)
        if spot.closed:
            await channel.set_topic(row.chat_id, thread, is_open=False)
        return number

    async def _show_card(
        self, channel: Channel, row: OutboxRow, spot: Spot, card: Outgoing
    ) -> str | None:
        """Put the card in the place of the one that is there, else send and pin it."""
        if spot.card is not None:
            number = await self._renew(channel, row.chat_id, card, spot.card)
            if number is not None:
                if row.attempts:  # an earlier try may have come no farther than this
                    await self._pin(channel, row.chat_id, spot, number)
                return number
        number = await channel.send(row.chat_id, card)
        if number is not None:
            await asyncio.to_thread(self._rows.shown, spot.id, number)
            await self._pin(channel, row.chat_id, spot, number)
        return number

    async def _renew(self, channel: Channel, chat_id: str, card: Outgoing, old: str) -> str | None:
        """Edit the card; None when that can no longer be done."""
        try:
            return await channel.send(chat_id, card.model_copy(update={"edit": old}))
        except Undeliverable as error:
            if error.reason not in CARD_LOST:
                raise
            return None

    async def _pin(self, channel: Channel, chat_id: str, spot: Spot, number: str) -> None:
        """Pin the card, in its topic only; a card that may not be pinned is there all the same."""
        if spot.thread is None:
            return
        try:
            await channel.pin(chat_id, number)
        except Undeliverable as error:
            log.warning("the card of topic %d cannot be pinned: %s", spot.id, error.reason)
