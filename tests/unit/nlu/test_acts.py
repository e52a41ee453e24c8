"""Where a message may turn to another matter, and what it takes to call it one."""

from __future__ import annotations

import pytest

from nlu.acts import ActSegmenter
from nlu.conclusion import Conclusion
from nlu.normalizer import Normalizer
from nlu.pipeline import begin
from nlu.reading import ASKS, COURTESY, FAINT, PLAIN, TELLS, Labels, Part, Reading

SEGMENTER = ActSegmenter.from_table()


def _parts(text: str) -> list[tuple[str, str]]:
    reading = begin(Normalizer(), text)
    SEGMENTER.read(reading)
    typed = reading.normalized.text
    return [(part.opened, typed[part.start : part.end].strip(" ,.?")) for part in reading.parts]


@pytest.mark.parametrize(
    ("text", "opened", "second"),
    [
        ("rác đổ đầy hẻm, với lại đèn đường hư rồi", PLAIN, "đèn đường hư rồi"),
        ("rac do day hem voi lai den duong hu roi", PLAIN, "den duong hu roi"),
        ("rác đổ đầy hẻm, sẵn báo luôn đèn hư", PLAIN, "sẵn báo luôn đèn hư"),
        ("rác đổ đầy hẻm. Còn đèn đường thì hư", FAINT, "còn đèn đường thì hư"),
        ("rác đổ đầy hẻm.\n2. đèn đường hư rồi", PLAIN, "2. đèn đường hư rồi"),
        (
            "rác đổ đầy con hẻm. Hồ sơ đất của tôi nộp tuần trước xong chưa?",
            ASKS,
            "hồ sơ đất của tôi nộp tuần trước xong chưa",
        ),
        (
            "hồ sơ đất của tôi xong chưa? Con hẻm nhà tôi rác đổ đầy mấy ngày nay",
            TELLS,
            "con hẻm nhà tôi rác đổ đầy mấy ngày nay",
        ),
    ],
)
def test_a_second_part_begins(text: str, opened: str, second: str) -> None:
    assert _parts(text)[1] == (opened, second)


@pytest.mark.parametrize(
    "text",
    [
        "bán hàng ở sân chợ trống mà không ai vô",  # no "sẵn cho"
        "rác đổ đầy hẻm, con nít đi học dơ hết chân",  # no "còn"
        "rac do day hem, con nit di hoc do het chan",
        "rác đổ đầy hẻm mấy tuần nay. Bao giờ mới có xe tới lấy đi cho dân nhờ?",  # a sigh
        "rác, với lại đèn",
        "với lại đèn đường nhà tôi hư",
    ],
)
def test_no_second_part_begins(text: str) -> None:
    assert _parts(text) == []


def test_a_greeting_is_taken_off() -> None:
    assert _parts("chào ad, đèn đường nhà tôi hư") == [
        (PLAIN, "chào ad"),
        (COURTESY, "đèn đường nhà tôi hư"),
    ]


def test_two_openers_side_by_side_are_one() -> None:
    parts = _parts("rác đổ đầy hẻm. Ngoài ra, sẵn báo luôn đèn đường hư")
    assert [opened for opened, _ in parts] == [PLAIN, PLAIN]


def test_a_long_list_has_an_end() -> None:
    assert len(_parts("đường hư ổ gà nhiều lắm, với lại " * 50)) <= 8


def test_an_opener_without_diacritics_fits_however_it_is_typed() -> None:
    reading = begin(Normalizer(), "rác đổ đầy hẻm, với lại đèn đường hư rồi")
    ActSegmenter(["voi lai"]).read(reading)
    assert len(reading.parts) == 2


REPORT = Labels((("report", 0.98), ("ask_info", 0.02)))
ASK = Labels((("ask_procedure", 0.98), ("report", 0.02)))
CHECK = Labels((("check_dossier", 0.98), ("report", 0.02)))
HALF = Labels((("report", 0.5), ("ask_procedure", 0.5)))
ROADS = Labels((("traffic", 0.97), ("noise", 0.03)))
NOISE = Labels((("noise", 0.97), ("traffic", 0.03)))
LIKELY_NOISE = Labels((("noise", 0.8), ("health", 0.2)))
PAPERS = Labels((("public_service", 0.97), ("other", 0.03)))
PRAISE = Labels((("praise", 0.98), ("thank", 0.02)))
HUMAN = Labels((("talk_to_human", 0.7), ("report", 0.3)))
TEN = "mười chữ "


def _acts(whole: Labels, *parts: tuple[str, Labels, Labels]) -> list[str]:
    """The intents of the acts of a message: how each part is opened, its intent and category."""
    text = TEN * len(parts)
    reading = Reading(text, Normalizer()(text))
    reading.intents_with_category = frozenset({"report", "petition"})
    reading.whole.intent, reading.whole.category = whole, parts[0][2]
    size = len(TEN)
    reading.parts = [
        Part(n * size, n * size + size, intent, category, None, opened)
        for n, (opened, intent, category) in enumerate(parts)
    ]
    Conclusion().read(reading)
    assert reading.result is not None
    return [act.intent for act in reading.result.acts]


def test_words_that_open_need_little_more() -> None:
    assert _acts(REPORT, (PLAIN, REPORT, ROADS), (PLAIN, ASK, ROADS)) == ["report", "ask_procedure"]
    assert _acts(PRAISE, (PLAIN, PRAISE, PAPERS), (PLAIN, REPORT, ROADS)) == ["praise", "report"]


def test_a_rare_wish_needs_more_than_words_that_open() -> None:
    assert _acts(REPORT, (PLAIN, REPORT, ROADS), (PLAIN, HUMAN, ROADS)) == ["report"]


def test_two_reports_need_categories_apart() -> None:
    two = ["report", "report"]
    assert _acts(REPORT, (PLAIN, REPORT, ROADS), (PLAIN, REPORT, LIKELY_NOISE)) == two
    assert _acts(REPORT, (PLAIN, REPORT, ROADS), (PLAIN, REPORT, ROADS)) == ["report"]
    assert _acts(REPORT, (PLAIN, REPORT, ROADS), (FAINT, REPORT, NOISE)) == two
    assert _acts(REPORT, (PLAIN, REPORT, ROADS), (FAINT, REPORT, LIKELY_NOISE)) == ["report"]
    assert _acts(REPORT, (PLAIN, REPORT, ROADS), (TELLS, REPORT, NOISE)) == ["report"]


def test_asking_then_telling_of_something_else_is_two() -> None:
    assert _acts(ASK, (PLAIN, ASK, PAPERS), (TELLS, REPORT, ROADS)) == ["ask_procedure", "report"]
    assert _acts(ASK, (PLAIN, ASK, ROADS), (TELLS, REPORT, ROADS)) == ["ask_procedure"]


def test_telling_before_a_question_is_mostly_why_it_is_asked() -> None:
    assert _acts(ASK, (PLAIN, REPORT, ROADS), (ASKS, ASK, PAPERS)) == ["ask_procedure"]
    assert _acts(HALF, (PLAIN, REPORT, ROADS), (ASKS, ASK, PAPERS)) == ["report", "ask_procedure"]
    assert _acts(HALF, (PLAIN, REPORT, ROADS), (ASKS, CHECK, PAPERS)) == ["report", "check_dossier"]
    assert _acts(HALF, (PLAIN, REPORT, PAPERS), (ASKS, CHECK, PAPERS)) == ["report"]


def test_a_story_that_goes_on_after_a_question_is_one() -> None:
    parts = (PLAIN, REPORT, ROADS), (ASKS, CHECK, PAPERS), (TELLS, REPORT, ROADS)
    assert _acts(HALF, *parts) == ["report"]
