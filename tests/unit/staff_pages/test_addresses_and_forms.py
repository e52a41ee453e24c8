"""Small readings of the staff page: addresses, filters, numbers, texts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.pages import environment
from bot.staff_pages.access import own_page, same
from bot.staff_pages.forms import MAX_TEXT, Form, TextTooLong, words
from bot.static_files import StaticFiles
from bot.storable import number

NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def words_of(call: str, **values: object) -> str:
    """What one of the templates' own words makes of a value."""
    source = f'{{% import "staff/_words.html" as words %}}{{{{ words.{call} }}}}'
    return environment(StaticFiles()).from_string(source).render(now=NOW, **values)


@pytest.mark.parametrize(
    "path", ["/staff", "/staff/", "/staff/tickets/PA-ABC123", "/staff?view=done&search=r%C3%A1c"]
)
def test_a_staff_page_may_be_returned_to_after_the_login(path: str) -> None:
    assert own_page(path) == path


@pytest.mark.parametrize(
    "path",
    ["", "/", "//evil", "https://evil", "/staffx", "/staff\\x", "/staff/../x", "/staff/login?a"],
)
def test_anything_else_leads_to_the_first_staff_page(path: str) -> None:
    assert own_page(path) == "/staff"


def test_an_empty_secret_fits_nothing() -> None:
    assert not same("", "")
    assert not same("a", "b")
    assert same("ấy", "ấy")


@pytest.mark.parametrize(
    ("text", "value"), [("7", 7), ("", 0), ("-7", 0), ("²", 0), ("٣", 0), ("9" * 40, 2**31 - 1)]
)
def test_only_plain_digits_make_a_number(text: str, value: int) -> None:
    assert number(text) == value


def test_a_text_comes_with_our_line_ends_and_within_its_limit() -> None:
    assert words(Form({"text": " a\r\nb "}), "text") == "a\nb"
    with pytest.raises(TextTooLong):
        words(Form({"text": "a" * (MAX_TEXT + 1)}), "text")


@pytest.mark.parametrize(
    ("away", "said"),
    [
        (timedelta(days=5), "Còn 5 ngày"),
        (timedelta(hours=30), "Còn 30 giờ"),
        (timedelta(hours=5), "Còn 5 giờ"),
        (timedelta(minutes=5), "Còn chưa đầy 1 giờ"),
        (timedelta(minutes=-5), "Quá hạn chưa đầy 1 giờ"),
        (timedelta(days=-3), "Quá hạn 3 ngày"),
    ],
)
def test_how_far_away_a_deadline_is_stands_in_words(away: timedelta, said: str) -> None:
    assert said in words_of("due(at, now)", at=NOW + away)


@pytest.mark.parametrize(
    ("ago", "said"),
    [
        (timedelta(seconds=5), "vừa xong"),
        (timedelta(minutes=20), "20 phút"),
        (timedelta(hours=7), "7 giờ"),
        (timedelta(days=3), "3 ngày"),
    ],
)
def test_how_long_somebody_has_waited_stands_in_words(ago: timedelta, said: str) -> None:
    assert said in words_of("since(at, now)", at=NOW - ago)
