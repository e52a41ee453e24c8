"""Whether a webhook call comes from Zalo.

Zalo puts `X-ZEvent-Signature: mac=<hex>` on each call, with
mac = SHA-256(app id + raw body + timestamp + OA secret key), no HMAC; the timestamp is the one in
the body, as text. The OA secret key is not the app's secret
(developers.zalo.me/docs/official-account/webhook).
"""

from __future__ import annotations

import hashlib
import hmac
import re

HEADER = "X-ZEvent-Signature"

_FORM = re.compile(r"\s*(?:mac\s*=\s*)?(?P<mac>[0-9a-fA-F]{64})\s*")


def mac(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """The signature in lower-case hex."""
    return hashlib.sha256(
        app_id.encode() + body + timestamp.encode("utf-8", "replace") + secret.encode()
    ).hexdigest()


def is_signed(header: str, *, app_id: str, body: bytes, timestamp: str, secret: str) -> bool:
    """Whether the header (`mac=…`, `mac = …` or bare hex) signs the body; constant time."""
    form = _FORM.fullmatch(header)
    given = form["mac"].lower() if form is not None else ""
    return hmac.compare_digest(given, mac(app_id, body, timestamp, secret))
