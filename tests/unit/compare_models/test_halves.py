"""Which examples are learnt and which are asked."""

from __future__ import annotations

from hashlib import blake2b

from nlu.training_data import Example
from scripts.compare_models.halves import on_one_line, split, twice


def _unlike_any_other(number: int) -> str:
    written = blake2b(bytes([number]), digest_size=15).hexdigest()
    return " ".join(written[at : at + 5] for at in range(0, 30, 5))


EXAMPLES = [Example(_unlike_any_other(n), ("ask_info", "report")[n % 2]) for n in range(72)]


def test_nothing_is_both_learnt_and_asked_and_both_halves_have_their_size() -> None:
    learnt, held_out = split(EXAMPLES, 40, 20)
    assert not set(learnt) & set(held_out)
    assert (len(learnt), len(held_out)) == (40, 20)


def test_each_intent_has_its_share_of_both_halves() -> None:
    for half in split(EXAMPLES, 40, 20):
        reports = sum(EXAMPLES[number].intent == "report" for number in half)
        assert reports == len(half) / 2


def test_the_halves_do_not_hang_on_the_order_of_the_examples() -> None:
    def texts(examples: list[Example]) -> list[set[str]]:
        return [{examples[n].text for n in half} for half in split(examples, 40, 20)]

    assert texts(EXAMPLES) == texts(EXAMPLES[::-1])


def test_the_same_words_never_stand_in_both_halves() -> None:
    doubled = [*EXAMPLES, *EXAMPLES]
    learnt, held_out = split(doubled, 80, 40)
    assert not {doubled[n].text for n in learnt} & {doubled[n].text for n in held_out}


def test_every_example_is_learnt_with_and_without_diacritics() -> None:
    both = twice([Example("đèn hư", "report", "power_lighting", None), Example("ok", "affirm")])
    assert [example.text for example in both] == ["đèn hư", "ok", "den hu"]
    assert both[2].category == "power_lighting"


def test_an_example_comes_on_one_line() -> None:
    assert on_one_line(Example("đèn\n hư", "report")).text == "đèn hư"
