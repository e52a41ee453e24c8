from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.code_pages import Characters, decode, from_telex, from_vni_keys, vni_keys
from nlu.normalizer import Normalizer, compose

NORMALIZER = Normalizer()


def _decoded(text: str) -> str:
    return "".join(decode(compose(text))[0])


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        ("®\xadêng h\xad háng", "đường hư hỏng"),
        ("§\xadêng tr\xadíc nhµ em h\xad háng nÆng", "Đường trước nhà em hư hỏng nặng"),
        ("Kính göûi: con ñöôøng hö hoûng", "Kính gửi: con đường hư hỏng"),
        ("ÑÖÔØNG HÖ HOÛNG", "ĐƯỜNG HƯ HỎNG"),
        ("ñöôøng", "đường"),
        ("ñöôøng hoûng khoâng ñi ñc", "đường hỏng không đi đc"),
        ("đơn của tôi:\nñöôøng hö hoûng", "đơn của tôi:\nđường hư hỏng"),
    ],
)
def test_old_code_pages_are_read(pasted: str, meant: str) -> None:
    assert _decoded(pasted) == meant
    assert _decoded(unicodedata.normalize("NFD", pasted)) == meant


@pytest.mark.parametrize(
    "text",
    [
        "tôi là dân, hoà và thuê xe đi là quá",
        "đường hư quá",
        "hoá ra là cái này à",
        "Où est l'hôtel ? Là-bas, à côté du château, déjà très âgé, naïve",
        "« Bonjour », dit-elle ; «mot» et ça",
        "Größe über Straße für schöne Mädchen, Häuser öffnen früh",
        "El niño español mañana año señor",
        "Microsoft® Windows© 5µm ½kg 20°C 3×4 a·b",
        "smørrebrød på øen, blåbærgrød",
        "não, ações, coração, avô e avó",
        "",
    ],
)
def test_other_writing_is_left_alone(text: str) -> None:
    assert _decoded(text) == text


def test_offsets_stay_with_the_letters() -> None:
    typed = "gaáp: ñöôøng hö hoûng"
    normalized = NORMALIZER(typed)
    start = normalized.text.index("đường")
    assert typed[slice(*normalized.span(start, start + 5))] == "ñöôøng"
    start = normalized.text.index("hỏng")
    assert typed[slice(*normalized.span(start, start + 4))] == "hoûng"


@given(st.text(alphabet="abehuoøùñöôâáêéï®\xad«µ¸ ·íá\n°̀đ", max_size=60))
def test_letters_and_offsets_go_together(text: str) -> None:
    characters: Characters = compose(text)
    letters, starts, ends = decode(characters)
    assert len(letters) == len(starts) == len(ends)
    assert starts == sorted(starts)
    assert all(0 <= a < b <= len(text) for a, b in zip(starts, ends, strict=True))


@pytest.mark.parametrize(
    ("keys", "word"),
    [
        ("dduwowngf", "đường"),
        ("dduowngf", "đường"),
        ("nuowcs", "nước"),
        ("quas", "quá"),
        ("giaf", "già"),
        ("hoaf", "hoà"),
        ("toanf", "toàn"),
        ("chuas", "chúa"),
        ("hw", "hư"),
        ("ddi", "đi"),
        ("khoor", "khổ"),
        ("coong", "công"),
    ],
)
def test_telex_keys_are_read(keys: str, word: str) -> None:
    assert from_telex(keys) == word


@pytest.mark.parametrize("word", ["duong", "trong", "street", "windows", "online", "ok"])
def test_plain_words_are_no_telex(word: str) -> None:
    assert from_telex(word) == ""


@pytest.mark.parametrize(
    ("keys", "word"), [("d9u7o7ng2", "đường"), ("nhie6u2", "nhiều"), ("ta7", ""), ("7k3m9q", "")]
)
def test_vni_keys_are_read(keys: str, word: str) -> None:
    assert from_vni_keys(keys) == word


@pytest.mark.parametrize(
    ("typed", "normal"),
    [
        ("dduwowngf hw quas", "đường hư quá"),
        ("Ngaapj nuwowcs raats saau", "ngập nước rất sâu"),
        ("D9u7o7ng2 hu7 qua1", "đường hư quá"),
        ("to6i o73 d9a6y", "tôi ở đây"),
        # Without one word that can be nothing else, the rest is not believed.
        ("need beer now, roof", "need beer now, roof"),
        ("xe as hw", "xe as hw"),
        ("t7 to2 ap3", "t7 to2 ap3"),
    ],
)
def test_keys_left_behind_are_read_in_a_message(typed: str, normal: str) -> None:
    assert NORMALIZER(typed).text == normal


def test_codes_are_no_keys() -> None:
    assert vni_keys("h01.45-260915-0032 pa-7k3m9q pa-a6b8c9 65a1-12345") == []
