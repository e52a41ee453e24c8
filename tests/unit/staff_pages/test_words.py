"""What the desk's templates call things."""

from __future__ import annotations

from typing import Any

import pytest

from actions.happened import Span
from bot.pages import environment
from bot.static_files import StaticFiles


@pytest.fixture(scope="module")
def words() -> Any:
    return environment(StaticFiles()).get_template("staff/_words.html").module


@pytest.mark.parametrize(
    ("span", "said"),
    [
        ("2026-11-23..2026-11-23", "ngày 23/11/2026"),
        ("2026-11-23..2026-11-29", "từ 23/11/2026 đến 29/11/2026"),
        ("2026-11-23T08:30..2026-11-24T00:00", "từ 08:30 23/11/2026 đến 00:00 24/11/2026"),
    ],
)
def test_a_span_is_told_in_days_here_and_with_hours_if_it_has_some(
    words: Any, span: str, said: str
) -> None:
    assert str(words.span_words(Span.read(span))).strip() == said


def test_what_is_done_to_many_cases_has_the_name_of_its_move_or_of_the_history(words: Any) -> None:
    assert str(words.deed_title("accept", "Tiếp nhận")) == "Tiếp nhận"
    assert str(words.deed_title("note", "")) == "Ghi chú nội bộ"
