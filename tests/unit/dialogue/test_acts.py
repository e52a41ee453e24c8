from __future__ import annotations

from bot.dialogue.acts import split_acts
from bot.dialogue.heard import Heard, Mention
from nlu.understanding import Act

RUBBISH = "rác chất đống ở chợ Rạch Sỏi"
DOSSIER = "hồ sơ của tôi tới đâu rồi"
FIRE = "cháy nhà rồi cứu với"
MORE = "xe rác cả tuần không tới hẻm 5"


def _heard(*parts: tuple[str, str, str | None]) -> tuple[Heard, list[Act]]:
    """A message made of acts: words, intent, category; all reports at the market or in the lane."""
    text = ", ".join(words for words, _, _ in parts)
    acts = []
    for words, intent, category in parts:
        start = text.index(words)
        acts.append(Act(intent, category, start, start + len(words)))
    mentions = [
        Mention(
            entity="place", value=name, start=text.index(name), end=text.index(name) + len(name)
        )
        for name in ("chợ Rạch Sỏi", "hẻm 5")
        if name in text
    ]
    return Heard(text=text, intent=parts[0][1], sure=True, mentions=mentions), acts


def test_matters_keep_their_order() -> None:
    heard, acts = _heard((RUBBISH, "report", "environment"), (DOSSIER, "check_dossier", None))
    assert [(part.intent, part.text) for part in split_acts(heard, acts)] == [
        ("report", RUBBISH),
        ("check_dossier", DOSSIER),
    ]


def test_danger_goes_first() -> None:
    heard, acts = _heard((DOSSIER, "check_dossier", None), (FIRE, "emergency", "security"))
    assert [part.intent for part in split_acts(heard, acts)] == ["emergency", "check_dossier"]


def test_a_greeting_is_no_matter() -> None:
    heard, acts = _heard(("chào ad", "greet", None), (RUBBISH, "report", "environment"))
    assert split_acts(heard, acts) == [heard]


def test_what_is_told_on_later_belongs_to_its_matter() -> None:
    heard, acts = _heard(
        (RUBBISH, "report", "environment"),
        (DOSSIER, "check_dossier", None),
        (MORE, "report", "environment"),
    )
    report, question = split_acts(heard, acts)
    assert report.text == f"{RUBBISH}\n{MORE}"
    assert [report.words(mention) for mention in report.mentions] == ["chợ Rạch Sỏi", "hẻm 5"]
    assert question.text == DOSSIER


def test_the_place_in_own_words_goes_before_a_borrowed_one() -> None:
    broken = "đèn đường tắt mấy đêm liền"
    heard, acts = _heard(
        (broken, "report", "power_lighting"),
        (RUBBISH, "report", "environment"),
        ("con hẻm 5 tối thui", "report", "power_lighting"),
    )
    lamp, rubbish = split_acts(heard, acts)
    assert lamp.words(lamp.mentions[0]) == "hẻm 5"
    assert rubbish.words(rubbish.mentions[0]) == "chợ Rạch Sỏi"


def test_danger_told_on_makes_its_matter_an_emergency() -> None:
    heard, acts = _heard(
        ("dây điện sà xuống đường", "report", "power_lighting"),
        (DOSSIER, "check_dossier", None),
        ("có người bị giật rồi", "emergency", "power_lighting"),
    )
    first, second = split_acts(heard, acts)
    assert first.intent == "emergency"
    assert second.intent == "check_dossier"


def test_too_many_matters_are_one_story() -> None:
    heard, acts = _heard(
        (RUBBISH, "report", "environment"),
        (DOSSIER, "check_dossier", None),
        ("làm căn cước cần giấy gì", "ask_procedure", None),
        ("phường mở cửa mấy giờ", "ask_info", None),
    )
    assert split_acts(heard, acts) == [heard]
