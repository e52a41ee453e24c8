"""The bot names a public page only where there is one that people can reach."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.dialogue import public_links
from bot.dialogue.talk import Talk
from bot.responses import Responses
from bot.settings import ROOT, Settings
from store.tickets import Ticket

RESPONSES = Responses.load(ROOT / "domain.yml")
TICKET = Ticket(code="PA-123456")


def talk(**values: Any) -> Talk:
    services = SimpleNamespace(settings=Settings(_env_file=None, **values))
    return cast(Talk, SimpleNamespace(turn=SimpleNamespace(services=services), text=RESPONSES.text))


def test_a_ticket_is_linked_at_the_public_address() -> None:
    found = public_links.case(talk(public_url="https://chat.example/"), TICKET)
    assert found.startswith("\n")
    assert found.endswith(" https://chat.example/phan-anh/PA-123456")


@pytest.mark.parametrize(
    "values", [{}, {"public_url": "https://chat.example", "public_cases": "off"}]
)
def test_there_is_no_link_to_a_page_that_is_not_there(values: dict[str, str]) -> None:
    assert public_links.case(talk(**values), TICKET) == ""


def test_notices_are_linked_whether_cases_are_public_or_not() -> None:
    found = public_links.notices(talk(public_url="https://chat.example", public_cases="off"))
    assert found.endswith(" https://chat.example/thong-bao")


def test_without_an_address_nothing_is_linked() -> None:
    assert public_links.notices(talk()) == ""
