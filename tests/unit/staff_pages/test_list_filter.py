"""The list of cases in an address, and the address of a list."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from actions.inbox import Order, Place, View, Wanted
from bot.staff_pages.list_filter import Filter

AT = datetime(2026, 11, 2, 1, 0, 0, 123456, tzinfo=UTC)

FULL = Wanted(
    view=View.OVERDUE,
    agency="so-y-te",
    category="traffic",
    commune="30760",
    urgency="high",
    since=date(2026, 10, 1),
    until=date(2026, 10, 31),
    search="ổ gà & rác",
    order=Order.NEWEST,
)


@pytest.mark.parametrize("wanted", [Wanted(), FULL, Wanted(view=View.ALL, order=Order.DEADLINE)])
@pytest.mark.parametrize("start", [None, Place(AT, 7), Place(AT, 7, backwards=True)])
def test_a_list_and_its_address_say_the_same(wanted: Wanted, start: Place | None) -> None:
    here = Filter(wanted, start)
    assert Filter.of_query(here.here.partition("?")[2]) == here
    assert Filter.of_query(here.query) == Filter(wanted)


def test_the_first_list_has_the_plain_address() -> None:
    assert Filter().address() == "/staff"
    assert Filter.read({"view": "open", "sort": "", "search": " ", "agency": ""}) == Filter()


def test_the_order_that_a_view_has_anyway_is_not_said() -> None:
    assert Filter.read({"sort": "deadline"}) == Filter()
    assert Filter.read({"view": "closed", "sort": "newest"}).query == "view=closed"


def test_another_view_begins_at_its_first_page_and_keeps_what_narrows() -> None:
    here = Filter(Wanted(category="traffic"), Place(AT, 7))
    assert here.address(view=View.ALL) == "/staff?view=all&category=traffic"


@pytest.mark.parametrize(
    "query",
    [
        {"view": "nonsense"},
        {"sort": "id; drop table"},
        {"from": "2026-02-30", "to": "gestern"},
        {"from": "9999-12-31", "to": "0001-01-01"},
        {"after": "x-1"[:1]},
        {"after": "-"},
        {"before": "9" * 40 + "-0"},
        {"search": "\x00"},
    ],
)
def test_what_makes_no_sense_counts_as_not_given(query: dict[str, str]) -> None:
    assert Filter.read(query) == Filter()


def test_a_place_beyond_all_time_is_still_a_moment() -> None:
    start = Filter.read({"after": f"{'9' * 40}-{'9' * 40}"}).start
    assert start is not None
    assert start.at.year < 2300
    assert start.ticket_id == 2**31 - 1
