from __future__ import annotations

import random
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.entities import dossier_code, phone, ticket_code
from nlu.entities.folded import fold
from nlu.understanding import Entity


def found(module: ModuleType, text: str) -> list[tuple[str, str]]:
    entities: list[Entity] = module.find(fold(text))
    return [(entity.value, text[entity.start : entity.end]) for entity in entities]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("hs h01 45 260915 0032, hẹn 25", "H01.45-260915-0032"),
        ("mã H01.12.251120.0417 tới đâu", "H01.12-251120-0417"),
        ("số H01.33 - 260804 - 0108, giấy hẹn", "H01.33-260804-0108"),
        ("cái mã h0107-260212-0009 có chưa", "H01.07-260212-0009"),
        ("000.00.12.H62-201105-0004", "000.00.12.H62-201105-0004"),
        ("000 00 12 h62 201105 0004", "000.00.12.H62-201105-0004"),
        ("0000012h622011050004 nha", "000.00.12.H62-201105-0004"),
        ("h01452609150032", "H01.45-260915-0032"),
        ("H17.00-000000-0000", "H17.00-000000-0000"),
        ("hO1.l2-25l12O-O417", "H01.12-251120-0417"),
        ("H89.12.3-251120-12345 ạ", "H89.12.3-251120-12345"),
        ("mãH01.45–260915–0032", "H01.45-260915-0032"),
        ("G09.45-260915-0032", "G09.45-260915-0032"),
        ("hol.8I.25oIl8.4356", "H01.81-250118-4356"),
        ("GO6 ol-24O42I-3O32", "G06.01-240421-3032"),
        ("h73 88 Ol 24o7O6 I63I", "H73.88.01-240706-1631"),
    ],
)
def test_a_dossier_code_is_read_in_any_spelling(text: str, code: str) -> None:
    assert [value for value, _ in found(dossier_code, text)] == [code]
    assert dossier_code.SHAPE.fullmatch(code)


def test_a_generated_set_of_spoilt_dossier_codes_is_read() -> None:
    chance = random.Random(1)
    right = 0
    for _ in range(1000):
        year, month, day = chance.randrange(4, 7), chance.randrange(1, 13), chance.randrange(1, 29)
        code = (
            chance.choice(["", "000.00.12."])
            + f"{chance.choice('HG')}{chance.randrange(1, 99):02d}.{chance.randrange(1, 99):02d}"
            + f"-2{year}{month:02d}{day:02d}-{chance.randrange(1, 9999):04d}"
        )
        typed = code
        if chance.random() < 0.5:
            typed = typed.lower()
        if chance.random() < 0.5:
            typed = typed.replace(".", chance.choice(["", " ", ". "]))
        if chance.random() < 0.5:
            typed = typed.replace("-", chance.choice([" ", " - ", ".", "–", "/"]))
        if chance.random() < 0.3:
            typed = typed.replace("0", chance.choice("Oo")).replace("1", chance.choice("lI"))
        text = f"cho hỏi hồ sơ {typed} tới đâu rồi"
        right += found(dossier_code, text) == [(code, typed)]
    assert right >= 990


@pytest.mark.parametrize(
    "text",
    ["hẻm 12 34 567890 1234", "gọi 0912345678", "H1", "hộ 5 người", "QL80 km 12", "2/9/2026"],
)
def test_other_numbers_are_no_dossier_code(text: str) -> None:
    assert found(dossier_code, text) == []


@pytest.mark.parametrize(
    ("text", "code", "span"),
    [
        ("PA-7K3M9Q", "PA-7K3M9Q", "PA-7K3M9Q"),
        ("pa 7k3 m9q toi dau", "PA-7K3M9Q", "pa 7k3 m9q"),
        ("PA7K3M9Q.", "PA-7K3M9Q", "PA7K3M9Q"),
        ("mã pa7k3m9q", "PA-7K3M9Q", "pa7k3m9q"),
        ("mãPA-7K3M9Q", "PA-7K3M9Q", "PA-7K3M9Q"),
        ("PA: 7K3M9Q", "PA-7K3M9Q", "PA: 7K3M9Q"),
        ("PA-7K3-M9Q", "PA-7K3M9Q", "PA-7K3-M9Q"),
        ("PA 7 K 3 M 9 Q nhé", "PA-7K3M9Q", "PA 7 K 3 M 9 Q"),
        ("PA-KHMXQT ra sao", "PA-KHMXQT", "PA-KHMXQT"),
        ("pa- cqcdyq im re", "PA-CQCDYQ", "pa- cqcdyq"),
        ("ma so la pa j4s zeu", "PA-J4SZEU", "pa j4s zeu"),
        ("PA RU8 HNB", "PA-RU8HNB", "PA RU8 HNB"),
    ],
)
def test_a_ticket_code_is_read_as_people_type_it(text: str, code: str, span: str) -> None:
    assert found(ticket_code, text) == [(code, span)]


@pytest.mark.parametrize(
    "text",
    [
        "PA đèn đường",
        "PA den duong toi",
        "pa so 12 ve den",
        "pa 2 ngày nay",
        "pa hem 30 duong",
        "pa - truong hoc",
        "pa kp3 den",
    ],
)
def test_the_short_form_of_phan_anh_is_no_ticket_code(text: str) -> None:
    assert found(ticket_code, text) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("sđt 0912 345 678 nha", "0912345678"),
        ("+84 912345678", "0912345678"),
        ("84912.345.678", "0912345678"),
        ("O912345678", "0912345678"),
        ("tel:0912-345-678", "0912345678"),
        ("sdt0912345678", "0912345678"),
        ("(0297) 3.863.333", "02973863333"),
        ("0912 . 345 . 678", "0912345678"),
        ("gọi 0912345678 - 2 lần", "0912345678"),
        ("0912345678 45/3 đường", "0912345678"),
    ],
)
def test_a_phone_number_is_brought_to_one_form(text: str, number: str) -> None:
    assert [value for value, _ in found(phone, text)] == [number]


@pytest.mark.parametrize(
    "text", ["091099012345", "091 099 012 345", "H01.45-260915-0032", "năm 2026", "113"]
)
def test_other_numbers_are_no_phone_number(text: str) -> None:
    assert found(phone, text) == []


@given(st.text(alphabet="h01pa -.oliHPA9", max_size=200))
def test_codes_point_at_what_was_typed(text: str) -> None:
    for module in (dossier_code, ticket_code, phone):
        for _, span in found(module, text):
            assert span
