"""What domain.yml promises to the messengers: few buttons, short titles and payloads."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from bot.dialogue.engine import FLOWS
from bot.dialogue.flows.tickets import ABOUT_A_TICKET
from bot.dialogue.routing import FLOW_OF_INTENT, WORK
from bot.dispatch import BACK_TO_REPORT
from bot.settings import ROOT

DOMAIN: dict[str, Any] = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))

LONGEST = {
    "frame": "9999",
    "code": "000.00.12.H62.001.001-250701-000004",
    "code1": "PA-123456",
    "code2": "PA-123456",
    "code3": "PA-123456",
    "first_code": "30742",
    "second_code": "30742",
    "name1": "agriculture_fishery",
    "name2": "agriculture_fishery",
    "name3": "agriculture_fishery",
}

ZALO_BUTTONS = 5
TELEGRAM_PAYLOAD_BYTES = 64
ZALO_TITLE = 100


def _responses() -> list[Any]:
    return [
        pytest.param(response, id=name)
        for name, variants in DOMAIN["responses"].items()
        for response in variants
        if not name.startswith("utter_staff_")
    ]


@pytest.mark.parametrize("response", _responses())
def test_a_response_fits_every_messenger(response: dict[str, Any]) -> None:
    buttons = response.get("buttons", [])
    assert len(buttons) <= ZALO_BUTTONS
    for button in buttons:
        assert len(button["title"]) <= ZALO_TITLE
        payload = button["payload"]
        if payload.startswith("s:"):
            continue
        filled = re.sub(r"{(\w+)}", lambda match: LONGEST[match[1]], payload)
        assert len(filled.encode()) <= TELEGRAM_PAYLOAD_BYTES
        if payload.startswith("t:"):
            assert payload.split(":")[1] in ABOUT_A_TICKET
        elif payload not in ("bot", BACK_TO_REPORT):
            assert payload.split(":")[1] in FLOWS


def test_every_intent_of_the_taxonomy_has_a_flow() -> None:
    assert set(DOMAIN["intents"]) == set(FLOW_OF_INTENT)
    assert set(FLOW_OF_INTENT.values()) <= set(FLOWS)
    assert set(FLOW_OF_INTENT) >= WORK


def test_every_response_said_in_the_dialogue_exists() -> None:
    said = {
        name
        for path in (ROOT / "bot" / "dialogue").rglob("*.py")
        for name in re.findall(r"\"(utter_\w+)\"", path.read_text(encoding="utf-8"))
    }
    assert said <= set(DOMAIN["responses"])
