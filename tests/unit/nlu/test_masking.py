from __future__ import annotations

import pytest

from nlu.masking import MASKS, NUMBER, mask
from nlu.normalizer import Normalizer
from nlu.understanding import Entity

PLACE, PHONE = MASKS["place"], MASKS["phone"]


def masked(text: str, *covered: tuple[str, str], value: str = "") -> list[str]:
    normalized = Normalizer()(text)
    entities = [
        Entity(kind, value or words, text.index(words), text.index(words) + len(words))
        for kind, words in covered
    ]
    return mask(normalized, entities, 0, len(normalized.text)).split()


def test_a_place_is_hidden_and_its_kind_is_kept() -> None:
    hidden = masked("Hố ga gần chợ Vĩnh Thanh bể", ("place", "chợ Vĩnh Thanh"))
    assert hidden == ["hố", "ga", "gần", "chợ", PLACE, "bể"]


def test_a_place_without_a_kind_is_hidden_whole() -> None:
    hidden = masked("ngập ở Rạch Giá", ("place", "Rạch Giá"), value="Phường Rạch Giá")
    assert hidden == ["ngập", "ở", PLACE]


def test_numbers_are_hidden() -> None:
    assert masked("nhà 45/3 nợ 1.500.000 đồng") == [
        *("nhà", NUMBER, "/", NUMBER, "nợ", NUMBER, "đồng")
    ]


def test_a_phone_number_is_one_thing() -> None:
    assert masked("gọi 0912 345 678 nha", ("phone", "0912 345 678")) == ["gọi", PHONE, "nha"]


def test_offsets_hold_where_normalising_changes_lengths() -> None:
    hidden = masked("đường hưuuu quáááá ở Óc Eo", ("place", "Óc Eo"))
    assert hidden[-2:] == ["ở", PLACE]


@pytest.mark.parametrize(("start", "end"), [(0, 10), (8, 20), (12, 14), (3, 3)])
def test_an_entity_that_leaves_the_stretch_is_cut_at_its_edge(start: int, end: int) -> None:
    normalized = Normalizer()("ngập ở Rạch Giá hoài")
    entities = [Entity("place", "Rạch Giá", 7, 15)]
    hidden = mask(normalized, entities, start, end)
    assert "rạch" not in hidden
    assert (PLACE in hidden) == (start < 15 and end > 7)
