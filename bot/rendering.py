"""Turns one thing to say into messages that a messenger can show, degrading where it must."""

from __future__ import annotations

from bot.channels.base import Capabilities
from bot.messages import Button, Outgoing, StoredMedia


def render(message: Outgoing, can: Capabilities) -> list[Outgoing]:
    """Split and degrade a message by what the channel can do; each result is one call.

    Texts over the limit are split at paragraph, line, sentence or word ends. Media come first, the
    first with the whole text as caption if it fits and nothing else hangs on the text; photos and
    videos that follow each other are an album where the channel has such. Buttons stay with the
    last part; where the channel has none, or too few, choices are numbered.
    """
    if message.topic_is is not None:
        return [message]
    text, buttons = _degrade_buttons(message, can)
    ask = message.ask
    if (ask == "location" and not can.asks_location) or (ask == "contact" and not can.asks_contact):
        ask = None
    media = _albums(message.media, can.albums) if can.sends_media else []
    out: list[Outgoing] = []
    place = Outgoing(reply_to=message.reply_to, topic=message.topic)
    if media and not buttons and ask is None and _may_be_caption(text, media[0], can):
        out.append(place.model_copy(update={"text": text, "media": media[0]}))
        media, text = media[1:], ""
    out.extend(place.model_copy(update={"media": items}) for items in media)
    parts = split_text(text, can.text_limit) if text else []
    for number, part in enumerate(parts, 1):
        last = number == len(parts)
        out.append(
            Outgoing(
                text=part,
                buttons=buttons if last else (),
                ask=ask if last else None,
                reply_to=message.reply_to,
                edit=message.edit if number == 1 else None,
                pin=message.pin and last,
                topic=message.topic,
            )
        )
    return out


ALBUM_BYTES = 40 * 1024 * 1024
"""An album is one request; messengers take some 50 MB at once."""


def _albums(media: tuple[StoredMedia, ...], most: int) -> list[tuple[StoredMedia, ...]]:
    """The media of each message: documents alone, pictures that follow each other together."""
    found: list[tuple[StoredMedia, ...]] = []
    for item in media:
        last = found[-1] if found else ()
        pictures = last and "file" not in (item.kind, last[0].kind)
        size = item.size + sum(one.size for one in last)
        if pictures and len(last) < most and size <= ALBUM_BYTES:
            found[-1] = (*last, item)
        else:
            found.append((item,))
    return found


def _may_be_caption(text: str, media: tuple[StoredMedia, ...], can: Capabilities) -> bool:
    if media[0].kind == "file" and not can.document_captions:
        return not text
    return len(text) <= can.caption_limit


def _degrade_buttons(message: Outgoing, can: Capabilities) -> tuple[str, tuple[Button, ...]]:
    choices = [button for button in message.buttons if button.payload is not None]
    fits = len(message.buttons) <= can.max_buttons and all(
        len(button.title) <= can.button_title_limit for button in message.buttons
    )
    if not message.buttons or fits:
        return message.text, message.buttons
    lines = [f"{number}. {button.title}" for number, button in enumerate(choices, 1)]
    lines += [f"{b.title}: {b.url or b.phone}" for b in message.buttons if b.payload is None]
    return "\n".join([message.text, "", *lines]).strip(), ()


def split_text(text: str, limit: int) -> list[str]:
    """Cut a text into parts of at most `limit` characters, at the best end there is."""
    parts = []
    rest = text.strip()
    while len(rest) > limit:
        window = rest[:limit]
        cut = next(
            (
                at + len(end.rstrip())
                for end in ("\n\n", "\n", ". ", " ")
                if (at := window.rfind(end)) >= limit // 3
            ),
            limit,
        )
        parts.append(rest[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [*parts, rest] if rest else parts
