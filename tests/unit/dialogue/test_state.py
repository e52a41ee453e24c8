"""The state is one document that survives a restart, and an older one starts afresh."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from bot.dialogue.heard import Heard
from bot.dialogue.state import SENSITIVE_FOR, SENT_REMEMBERED, Choice, Frame, State

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)


def test_a_state_reads_back_as_it_was_written() -> None:
    state = State(
        frames=[Frame(number=3, flow="report", step="where", slots={"what": "ổ gà"})],
        last_number=3,
        pending=[Heard(text="đèn hư", intent="report")],
        choices=[Choice(title="Gửi", payload="d:report:send:3")],
        introduced=True,
        sensitive_until=NOW,
    )
    assert State.read(json.loads(json.dumps(state.document()))) == state


def test_an_empty_document_is_a_new_conversation() -> None:
    assert State.read({}) == State()


def test_a_document_of_another_version_or_shape_starts_afresh_and_introduced() -> None:
    for document in ({"version": 0, "frames": []}, {"version": 1, "frames": "x"}):
        assert State.read(document) == State(introduced=True)


def test_only_the_last_sent_reports_are_remembered() -> None:
    state = State()
    for number in range(SENT_REMEMBERED + 5):
        state.remember_sent(Frame(number=number, flow="report"), f"PA-{number}")
    assert len(state.sent) == SENT_REMEMBERED
    assert state.sent[str(SENT_REMEMBERED + 4)] == f"PA-{SENT_REMEMBERED + 4}"


def test_secrecy_ends_by_itself() -> None:
    state = State(sensitive_until=NOW + SENSITIVE_FOR)
    assert state.is_sensitive(NOW)
    assert not state.is_sensitive(NOW + SENSITIVE_FOR)
