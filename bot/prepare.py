"""What is found out about an event before its transaction: its meaning, and its pictures."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from bot.channels.base import Channel, MediaUnavailable
from bot.media import MediaStore, NotAPicture
from bot.messages import Incoming, Kind, MediaRef, StoredMedia
from bot.turn import Prepared

if TYPE_CHECKING:
    from bot.readers import Reader

log = logging.getLogger(__name__)

MEDIA_LIMIT = 20 * 1024 * 1024
"""Bytes of one file; what a Telegram bot may download at most."""

MEDIA_TRIES = 3
"""After so many failures of the event the message is handled without the file, and says so."""

READ = frozenset({Kind.TEXT, Kind.MEDIA})


async def prepare(
    incoming: Incoming,
    attempts: int,
    *,
    reader: Reader,
    channels: Mapping[str, Channel],
    media_store: MediaStore,
) -> Prepared:
    """Understand the text and bring the pictures home; nothing here touches the database.

    Raises:
        MediaUnavailable: a picture may be had later, and the event has tries left.
        ReaderUnavailable: the server that parses is out of reach.
    """
    group = incoming.group
    if group is not None and group.reply_to is None and group.topic is None:
        return Prepared()  # officers talking among themselves
    understanding = None
    if incoming.text and incoming.kind in READ and incoming.group is None:
        understanding = await reader.understand(incoming.text)
    if understanding is not None and any(a.intent == "denunciation" for a in understanding.acts):
        return Prepared(understanding=understanding)  # nothing of a denunciation is brought home
    stored: list[StoredMedia] = []
    failed = 0
    for ref in incoming.media:
        try:
            stored.append(await _bring_home(ref, channels[incoming.channel], media_store))
        except MediaUnavailable as error:
            if error.again and attempts + 1 < MEDIA_TRIES:
                raise
            log.warning("a %s of channel %s cannot be had", ref.kind, incoming.channel)
            failed += 1
        except NotAPicture:
            failed += 1
    return Prepared(understanding=understanding, media=tuple(stored), failed_media=failed)


async def _bring_home(ref: MediaRef, channel: Channel, media_store: MediaStore) -> StoredMedia:
    data = await channel.fetch(ref, MEDIA_LIMIT)
    return await asyncio.to_thread(media_store.add, ref.kind, data, ref.name)
