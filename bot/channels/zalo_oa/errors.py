"""What Zalo's error numbers mean for a message that was to be sent.

Zalo answers HTTP 200 to everything and puts the failure into `error`
(developers.zalo.me/docs/official-account/phu-luc/ma-loi). Its texts are not kept: only these names.
"""

from __future__ import annotations

from bot.channels.base import ChatUnreachable, SendError, TryLater, Undeliverable

TOKEN_ERRORS = frozenset({-216, -220})
"""The access token is invalid or has expired: a new one helps."""

REFRESH_TOKEN_ERRORS = frozenset({-14014, -118})
"""The refresh token is used up or too old: only a new one from Zalo's console helps."""

LATER: dict[int, tuple[str, float]] = {
    -32: ("rate_limit", 60.0),
    -210: ("limit_reached", 3600.0),
    -211: ("quota_used_up", 3600.0),
}
"""A limit: name and seconds to wait."""

NEVER = {
    -201: "parameter_refused",
    -230: "window_closed",
    -232: "window_closed",
    -233: "message_type_unsupported",
    -240: "api_closed",
}

UNREACHABLE = {-213: "not_a_follower"}


class ZaloError(Exception):
    """Zalo refused a call; `code` is its number."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Zalo error {code}")
        self.code = code


class RefreshTokenDead(Exception):
    """No token can be had any more until ZALO_OA_REFRESH_TOKEN is set to a new one."""


def send_error(code: int) -> SendError:
    """The same failure in the words of the seam; numbers that nobody knows are tried again."""
    if code in LATER:
        return TryLater(*LATER[code])
    if code in UNREACHABLE:
        return ChatUnreachable(UNREACHABLE[code])
    if code in NEVER:
        return Undeliverable(NEVER[code])
    if code in TOKEN_ERRORS:
        return TryLater("token_refused")
    return TryLater(f"zalo_{code}")
