from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.pipeline import Pipeline
from nlu.reading import READ_LIMIT
from nlu.understanding import Understanding


def test_a_report_has_intent_category_and_urgency(small_pipeline: Pipeline) -> None:
    understood = small_pipeline.parse("ổ gà lớn trước chợ")
    assert understood.intent.name == "report"
    assert understood.category is not None
    assert understood.category.name == "traffic"
    assert understood.category_top3[0] == understood.category
    assert understood.urgency.name == "normal"


@pytest.mark.parametrize(
    "text", ["o ga lon truoc cho", "ổ gàaaa lớn trc chợ", "Ổ GÀ LỚN TRƯỚC CHỢ"]
)
def test_a_report_is_known_however_it_is_typed(small_pipeline: Pipeline, text: str) -> None:
    understood = small_pipeline.parse(text)
    assert understood.intent.name == "report"
    assert understood.category is not None
    assert understood.category.name == "traffic"


def test_what_is_no_report_has_no_category(small_pipeline: Pipeline) -> None:
    understood = small_pipeline.parse("làm khai sinh cần giấy tờ gì")
    assert understood.intent.name == "ask_procedure"
    assert understood.category is None


def test_an_emergency_is_urgent(small_pipeline: Pipeline) -> None:
    understood = small_pipeline.parse("cháy nhà rồi cứu với")
    assert understood.intent.name == "emergency"
    assert understood.urgency.name == "urgent"


def test_a_greeting_does_not_lead_when_work_follows(small_pipeline: Pipeline) -> None:
    text = "chào ad, hồ sơ của tôi tới đâu rồi"
    understood = small_pipeline.parse(text)
    assert understood.intent.name == "check_dossier"
    assert [act.intent for act in understood.acts] == ["greet", "check_dossier"]
    assert text[understood.acts[1].start : understood.acts[1].end] == "hồ sơ của tôi tới đâu rồi"


def test_two_matters_are_two_acts(small_pipeline: Pipeline) -> None:
    text = "làm khai sinh cần giấy tờ gì, với lại đèn đường trước hẻm tắt cả tuần nay"
    understood = small_pipeline.parse(text)
    assert [(act.intent, act.category) for act in understood.acts] == [
        ("ask_procedure", None),
        ("report", "power_lighting"),
    ]
    assert understood.intent.name == "ask_procedure"


def test_an_emergency_leads_wherever_it_stands(small_pipeline: Pipeline) -> None:
    understood = small_pipeline.parse(
        "rác chất đống hôi thối trước chợ, với lại cháy nhà rồi cứu với, còn người bên trong"
    )
    assert understood.intent.name == "emergency"


def test_a_story_stays_one_act(small_pipeline: Pipeline) -> None:
    understood = small_pipeline.parse(
        "Đường hư lắm. Ổ gà đầy trước chợ. Xe máy té hoài. Mặt đường lún sụp không ai sửa."
    )
    assert len(understood.acts) == 1


def test_entities_carry_values_and_point_at_the_original(small_pipeline: Pipeline) -> None:
    text = "hs h01 45 260915 0032 tới đâu, gọi 0912.345.678 lúc 5h chiều, mã pa 7k3 m9q"
    understood = small_pipeline.parse(text)
    assert [(e.entity, e.value) for e in understood.entities] == [
        ("dossier_code", "H01.45-260915-0032"),
        ("phone", "0912345678"),
        ("time", "17:00"),
        ("ticket_code", "PA-7K3M9Q"),
    ]
    first = understood.first("phone")
    assert first is not None
    assert text[first.start : first.end] == "0912.345.678"


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "\u200b"])
def test_a_blank_message_is_understood_as_nothing(small_pipeline: Pipeline, text: str) -> None:
    understood = small_pipeline.parse(text)
    assert not understood.sure
    assert understood.intent.confidence == 0
    assert understood.entities == ()


def test_a_message_beyond_the_limit_is_read_up_to_it(small_pipeline: Pipeline) -> None:
    understood = small_pipeline.parse("rác hôi quá " * 2000)
    assert understood.intent.name == "report"
    assert all(act.end <= READ_LIMIT for act in understood.acts)


def _check_offsets(understood: Understanding, text: str) -> None:
    size = min(len(text), READ_LIMIT)
    for act in understood.acts:
        assert 0 <= act.start <= act.end <= size
    for entity in understood.entities:
        assert 0 <= entity.start < entity.end <= size


@settings(max_examples=300)
@given(text=st.text(alphabet=st.characters(exclude_categories=()), max_size=300))
def test_any_text_is_read_without_an_error(small_pipeline: Pipeline, text: str) -> None:
    understood = small_pipeline.parse(text)
    _check_offsets(understood, text)
    json.dumps(understood.to_dict(), ensure_ascii=False).encode("utf-8")


WORDS = st.sampled_from(
    [
        "đường",
        "hư",
        "0912345678",
        "H01.45-260915-0032",
        "với lại",
        "chào ad,",
        "pa",
        "5h",
        "😀",
        "/",
    ]
)


@given(words=st.lists(WORDS, max_size=40), glue=st.sampled_from([" ", "\n", "", ", ", "\u0301 "]))
def test_any_mix_of_words_keeps_offsets_inside(
    small_pipeline: Pipeline, words: list[str], glue: str
) -> None:
    text = glue.join(words)
    _check_offsets(small_pipeline.parse(text), text)


@settings(max_examples=5)
@given(piece=st.text(min_size=1, max_size=50))
def test_ten_thousand_characters_are_no_obstacle(small_pipeline: Pipeline, piece: str) -> None:
    text = (piece * 10_000)[:10_000]
    _check_offsets(small_pipeline.parse(text), text)


@given(text=st.text(max_size=100))
def test_both_encoding_forms_give_the_same_answer(small_pipeline: Pipeline, text: str) -> None:
    composed = small_pipeline.parse(unicodedata.normalize("NFC", text))
    decomposed = small_pipeline.parse(unicodedata.normalize("NFD", text))
    assert decomposed.intent == composed.intent
    assert decomposed.category == composed.category
    assert [(e.entity, e.value) for e in decomposed.entities] == [
        (e.entity, e.value) for e in composed.entities
    ]
