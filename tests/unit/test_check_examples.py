"""The check on training examples finds what a template leaves behind, and only that."""

from __future__ import annotations

from scripts.check_examples import RUN_EXAMPLES, faults, masked, near_copies, worn_runs


def test_places_and_numbers_do_not_make_another_sentence() -> None:
    texts = ["đèn đường hẻm 12 phường Rạch Giá hư 3 bữa", "Đèn đường hẻm 40 xã Kiên Lương hư 9 bữa"]
    one, other = masked(texts)
    assert one == other
    assert list(near_copies([one, other])) == [(0, 1, 1.0)]


def test_two_sentences_of_the_same_matter_are_no_copies() -> None:
    texts = ["đèn đường đầu hẻm tắt cả tuần nay", "cả tuần nay đầu hẻm tối thui vì đèn hư"]
    assert list(near_copies(texts)) == []


def test_a_longer_sentence_that_holds_a_short_one_is_no_copy() -> None:
    short = "rác chất đống trước cổng trường"
    assert list(near_copies([short, f"{short} mấy bữa rày hổng ai tới hốt, ruồi bay đầy"])) == []


def test_a_run_of_words_may_occur_in_some_examples_only() -> None:
    texts = [f"{word} mong cơ quan chức năng xem xét" for word in "abcdefghi"]
    assert len(texts) == RUN_EXAMPLES + 1
    assert set(worn_runs(texts).values()) == {RUN_EXAMPLES + 1}
    assert worn_runs(texts[1:]) == {}


def test_too_few_and_too_short_examples_are_told() -> None:
    found = faults(["rác nhiều quá"])
    assert any("1 examples" in fault for fault in found)
    assert any("over 40 words" in fault for fault in found)
