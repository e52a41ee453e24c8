"""What Zalo's error numbers mean for a message."""

from __future__ import annotations

import pytest

from bot.channels.base import ChatUnreachable, SendError, TryLater, Undeliverable
from bot.channels.zalo_oa.errors import send_error


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        (-32, TryLater, "rate_limit"),
        (-211, TryLater, "quota_used_up"),
        (-210, TryLater, "limit_reached"),
        (-216, TryLater, "token_refused"),
        (-220, TryLater, "token_refused"),
        (-230, Undeliverable, "window_closed"),
        (-232, Undeliverable, "window_closed"),
        (-233, Undeliverable, "message_type_unsupported"),
        (-201, Undeliverable, "parameter_refused"),
        (-213, ChatUnreachable, "not_a_follower"),
        (-240, Undeliverable, "api_closed"),
        (-200, TryLater, "zalo_-200"),
    ],
)
def test_every_number_has_its_consequence(code: int, kind: type[SendError], reason: str) -> None:
    error = send_error(code)
    assert type(error) is kind
    assert error.reason == reason
