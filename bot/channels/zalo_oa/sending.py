"""Says one rendered message through Zalo's OpenAPI."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.channels.base import Capabilities, Undeliverable
from bot.channels.zalo_oa.api import ZaloApi
from bot.channels.zalo_oa.events import PRESS_MARK
from bot.channels.zalo_oa.images import fit
from bot.messages import Button, Outgoing, StoredMedia
from bot.responses import Responses

TEXT_LIMIT = 2000
MAX_BUTTONS = 5
BUTTON_TITLE_LIMIT = 100
PAYLOAD_LIMIT = 1000
REQUEST_TITLE_LIMIT = 100
REQUEST_SUBTITLE_LIMIT = 500
"""Characters and counts, from developers.zalo.me/docs/official-account/tin-nhan (tư vấn)."""

DOCUMENT_LIMIT = 5 * 1024 * 1024
"""Bytes, from …/official-account/tin-nhan/quan-ly-tin-nhan (upload file)."""

FREE_WITHIN = timedelta(hours=48)
"""After the citizen's last message: what is sent later is billed, and after 7 days refused."""

CAPABILITIES = Capabilities(
    text_limit=TEXT_LIMIT,
    caption_limit=TEXT_LIMIT,
    max_buttons=MAX_BUTTONS,
    button_title_limit=BUTTON_TITLE_LIMIT,
    asks_location=False,
    asks_contact=True,
    sends_media=True,
    sends_video=False,
    documents=frozenset({"pdf", "doc", "docx"}),
    document_limit=DOCUMENT_LIMIT,
    document_captions=False,
    talk_within=FREE_WITHIN,
)

TITLE_NAME = "utter_title_share_contact"
HINT_NAME = "utter_hint_share_contact"
"""Responses on the card that asks for contact details."""


class Sender:
    """Turns `Outgoing` into calls of the OpenAPI; lets its errors through.

    Args:
        api: makes the calls.
        media_dir: the folder that paths of media are relative to.
        responses: for the words on Zalo's own card.
        picture_url: the picture on that card, which Zalo demands; without one there is no card.
    """

    def __init__(
        self, api: ZaloApi, media_dir: Path, responses: Responses, picture_url: str | None
    ) -> None:
        self._api = api
        self._media_dir = media_dir
        self._responses = responses
        self._picture_url = picture_url

    async def send(self, user_id: str, message: Outgoing) -> str | None:
        """Say it; returns Zalo's id of it. Zalo edits nothing: an edit is said anew.

        Raises:
            ZaloError, TryLater: as Zalo refused.
            Undeliverable: known beforehand to be refused.
        """
        body: dict[str, Any] = {"text": message.text} if message.text else {}
        if message.media:
            attachment = await self._attachment(message.media[0])
            if attachment is not None:
                body["attachment"] = attachment
        elif message.buttons:
            body["attachment"] = buttons_template(message.buttons)
        if not body:
            raise Undeliverable("nothing_to_say")
        sent = await self._api.send_message(user_id, body)
        if message.ask == "contact" and self._picture_url is not None:
            card = self._contact_card(self._picture_url)
            await self._api.send_message(user_id, card)
        return sent

    async def _attachment(self, media: StoredMedia) -> dict[str, Any] | None:
        """A picture or document, uploaded; None for a video, which the account cannot send."""
        if media.kind == "video":
            return None
        try:
            content = await asyncio.to_thread((self._media_dir / media.path).read_bytes)
        except FileNotFoundError:
            raise Undeliverable("media_missing") from None
        if media.kind == "file":
            token = await self._api.upload_document(content, media.file_name, media.mime)
            return {"type": "file", "payload": {"token": token}}
        return await self._picture(content)

    async def _picture(self, content: bytes) -> dict[str, Any]:
        content, mime = await asyncio.to_thread(fit, content)
        name = "picture.png" if mime == "image/png" else "picture.jpg"
        attachment_id = await self._api.upload_image(content, name, mime)
        element = {"media_type": "image", "attachment_id": attachment_id}
        return {
            "type": "template",
            "payload": {"template_type": "media", "elements": [element]},
        }

    def _contact_card(self, picture_url: str) -> dict[str, Any]:
        element = {
            "title": self._responses.text(TITLE_NAME)[:REQUEST_TITLE_LIMIT],
            "subtitle": self._responses.text(HINT_NAME)[:REQUEST_SUBTITLE_LIMIT],
            "image_url": picture_url,
        }
        return {
            "attachment": {
                "type": "template",
                "payload": {"template_type": "request_user_info", "elements": [element]},
            }
        }


def buttons_template(buttons: tuple[Button, ...]) -> dict[str, Any]:
    """The buttons under a text.

    Raises:
        Undeliverable: a payload is longer than Zalo takes.
    """
    return {"type": "template", "payload": {"buttons": [_button(button) for button in buttons]}}


def _button(button: Button) -> dict[str, Any]:
    if button.url is not None:
        return {"title": button.title, "type": "oa.open.url", "payload": {"url": button.url}}
    if button.phone is not None:
        phone = {"phone_code": button.phone}
        return {"title": button.title, "type": "oa.open.phone", "payload": phone}
    payload = f"{PRESS_MARK}{button.payload}"
    if len(payload) > PAYLOAD_LIMIT:
        raise Undeliverable("button_data_too_long")
    return {"title": button.title, "type": "oa.query.hide", "payload": payload}
