"""What Zalo's OpenAPI checks in a message before it sends it, with its own error numbers."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, UnidentifiedImageError

PARAMETER = -201
TOO_LONG = -210
UNSUPPORTED = -233

BUTTON_TYPES = {
    "oa.open.url",
    "oa.query.show",
    "oa.query.hide",
    "oa.open.phone",
    "oa.open.sms",
}


class ZaloRefusal(Exception):
    """A business error: HTTP 200 with this number in `error`."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def check_message(message: dict[str, Any], attachments: set[str]) -> None:
    """Args: the message of a call; the attachment ids that uploads have given out."""
    text, attachment = message.get("text"), message.get("attachment")
    if not text and not attachment:
        raise ZaloRefusal(PARAMETER, "message is empty")
    if text is not None and (not isinstance(text, str) or not text.strip()):
        raise ZaloRefusal(PARAMETER, "text is empty")
    if text is not None and len(text) > 2000:
        raise ZaloRefusal(TOO_LONG, "text is longer than 2000 characters")
    if attachment is None:
        return
    if attachment.get("type") == "file":
        if text or attachment["payload"].get("token") not in attachments:
            raise ZaloRefusal(PARAMETER, "a file goes alone, by the token of its upload")
        return
    if attachment.get("type") != "template":
        raise ZaloRefusal(UNSUPPORTED, "attachment type is not supported")
    payload = attachment["payload"]
    match payload.get("template_type"):
        case None:
            if not text:
                raise ZaloRefusal(PARAMETER, "buttons need a text")
            _check_buttons(payload.get("buttons", []))
        case "media":
            for element in payload["elements"]:
                _check_media(element, attachments)
        case "request_user_info":
            _check_request(payload["elements"][0])
        case _:
            raise ZaloRefusal(UNSUPPORTED, "template is not supported")


def _check_buttons(buttons: list[dict[str, Any]]) -> None:
    if not 1 <= len(buttons) <= 5:
        raise ZaloRefusal(PARAMETER, "a template has 1 to 5 buttons")
    for button in buttons:
        title, payload, kind = button.get("title", ""), button.get("payload"), button.get("type")
        if not title or len(title) > 100:
            raise ZaloRefusal(PARAMETER, "button title")
        if kind not in BUTTON_TYPES:
            raise ZaloRefusal(PARAMETER, "button type")
        if kind.startswith("oa.query."):
            if not isinstance(payload, str) or not 1 <= len(payload) <= 1000:
                raise ZaloRefusal(PARAMETER, "button payload")
        elif not isinstance(payload, dict):
            raise ZaloRefusal(PARAMETER, "button payload")
        elif kind == "oa.open.url" and not str(payload.get("url", "")).startswith("http"):
            raise ZaloRefusal(PARAMETER, "button url")
        elif kind in ("oa.open.phone", "oa.open.sms") and not payload.get("phone_code"):
            raise ZaloRefusal(PARAMETER, "button phone")


def _check_media(element: dict[str, Any], attachments: set[str]) -> None:
    if element.get("media_type") not in ("image", "gif"):
        raise ZaloRefusal(UNSUPPORTED, "media type")
    if "url" not in element and element.get("attachment_id") not in attachments:
        raise ZaloRefusal(PARAMETER, "attachment_id is invalid")


def _check_request(element: dict[str, Any]) -> None:
    limits = {"title": 100, "subtitle": 500}
    for name, limit in limits.items():
        if not 1 <= len(element.get(name, "")) <= limit:
            raise ZaloRefusal(PARAMETER, name)
    if not str(element.get("image_url", "")).lower().endswith((".png", ".jpg")):
        raise ZaloRefusal(PARAMETER, "image_url")


def check_document(name: str, content: bytes) -> None:
    if len(content) > 5 * 1024 * 1024:
        raise ZaloRefusal(TOO_LONG, "file is larger than 5 MB")
    if name.rpartition(".")[2].lower() not in ("pdf", "doc", "docx"):
        raise ZaloRefusal(PARAMETER, "file type")


def check_image(content: bytes) -> None:
    if len(content) > 1024 * 1024:
        raise ZaloRefusal(TOO_LONG, "file is larger than 1 MB")
    try:
        with Image.open(io.BytesIO(content)) as image:
            if image.format not in ("JPEG", "PNG"):
                raise ZaloRefusal(PARAMETER, "file type")
    except UnidentifiedImageError:
        raise ZaloRefusal(PARAMETER, "file type") from None
