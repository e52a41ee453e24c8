from __future__ import annotations

from pathlib import Path

import pytest

from nlu.concepts import Concepts, ConceptTableUnreadable
from nlu.features import CONCEPTS, features, kinds
from nlu.letters import strip_diacritics
from nlu.normalizer import Normalizer

SMALL = Concepts({"waste": ["rác", "xà bần"], "lamp": ["đèn đường", "bóng đèn"]})


def test_phrases_name_their_concept_without_diacritics() -> None:
    assert SMALL.named("xa ban duoi den duong".split()) == ["lamp", "waste"]
    assert SMALL.named("duong khong den".split()) == []


def test_texts_that_share_no_word_share_a_concept() -> None:
    one, other = features("rác", SMALL), features("xà bần", SMALL)
    shared = set(one.tolist()) & set(other.tolist())
    assert shared
    assert {int(feature) % 4 for feature in shared} == {CONCEPTS}
    assert CONCEPTS not in kinds(features("rác"))


def test_what_is_saved_is_read_back(tmp_path: Path) -> None:
    SMALL.save(tmp_path)
    assert Concepts.load(tmp_path).table == SMALL.table


def test_a_line_without_a_tab_is_named(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("# words\nwaste rác\n", encoding="utf-8")
    with pytest.raises(ConceptTableUnreadable, match="line 2"):
        Concepts.from_table(tmp_path / "t.tsv")


def test_phrases_of_the_table_are_normalised_as_messages_are(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("welfare\tBHYT, thẻ bhyt,\n", encoding="utf-8")
    words = strip_diacritics(Normalizer()("mất thẻ bhyt").text).split()
    assert Concepts.from_table(tmp_path / "t.tsv").named(words) == ["welfare"]


def test_the_table_of_the_project_is_readable() -> None:
    table = Concepts.from_table().table
    assert {"road", "waste", "live_wire"} <= set(table)
