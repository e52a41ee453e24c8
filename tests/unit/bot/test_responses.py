"""Sentences come from domain.yml, filled in, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.messages import Button
from bot.responses import ResponseError, Responses

SENTENCES = Responses(
    {
        "utter_sent": [
            {
                "text": "Mã của bạn: {code}\n",
                "buttons": [
                    {"title": "Xem {code}", "payload": "d:show:{code}"},
                    {"title": "Gọi 114", "phone": "114"},
                ],
                "custom": {"ask": "location"},
            }
        ]
    },
    "domain.yml",
)


def test_text_titles_and_payloads_are_filled() -> None:
    said = SENTENCES.say("utter_sent", code="PA-7K3M9Q")
    assert said.text == "Mã của bạn: PA-7K3M9Q"
    assert said.buttons == (
        Button(title="Xem PA-7K3M9Q", payload="d:show:PA-7K3M9Q"),
        Button(title="Gọi 114", phone="114"),
    )
    assert said.ask == "location"


def test_what_a_citizen_wrote_is_never_taken_for_a_template() -> None:
    assert "{secret}" in SENTENCES.text("utter_sent", code="{secret}")


def test_a_missing_response_names_the_file_and_the_response() -> None:
    with pytest.raises(ResponseError, match=r"domain\.yml.*'utter_lost'"):
        SENTENCES.say("utter_lost")


def test_a_missing_field_names_the_response_and_the_field() -> None:
    with pytest.raises(ResponseError, match="'utter_sent' asks for the field 'code'"):
        SENTENCES.text("utter_sent")


def test_the_project_s_own_sentences_load() -> None:
    names = Responses.load(Path(__file__).parents[3] / "domain.yml").names
    assert {"utter_dead_letter", "utter_staff_card"} <= names
