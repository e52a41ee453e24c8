"""What stands right before a word: a unit word, a place noun, a preposition, a title."""

from __future__ import annotations

from nlu.places.tokens import Text
from nlu.places.words import (
    LAST_WORDS_OF_NOUNS,
    MARKED_NOUNS,
    MARKED_UNIT_WORDS,
    NOUNS_NEEDING_MARKS,
    NOUNS_ONLY_WITH_MARKS,
    OTHER_WORDS,
    PLACE_NOUNS,
    PREPOSITIONS,
    TITLES,
    UNIT_WORDS,
    WEAK_WITHOUT_MARKS,
)

_LONGEST_NOUN = 4
_JOINS_IN_WORD = frozenset({"", ".", "-"})
_PLAIN_PREPOSITIONS = frozenset(
    {"o", "tai", "khuc", "doan", "gan", "ngay", "vo", "ben", "dan", "ke", "mien", "vung", "huong"}
    | {"xuong", "que", "ngoai", "truoc", "thuoc", "duoi", "giap", "ranh", "lo", "khu", "kv"}
)


def unit_word_before(text: Text, start: int) -> tuple[int, str]:
    """The unit word that ends right before a word: where it begins, and the kind it names."""
    words = text.words
    for length in (2, 1):
        first = start - length
        if first < 0:
            continue
        key = " ".join(word.plain for word in words[first:start])
        kind = UNIT_WORDS.get(key)
        if kind and _is_unit_word(text, first, start):
            return first, kind
    return start, ""


def _is_unit_word(text: Text, first: int, end: int) -> bool:
    if any(text.gap(i, i + 1).strip() not in _JOINS_IN_WORD for i in range(first, end)):
        return False
    marked_forms = (MARKED_UNIT_WORDS.get(word.plain) for word in text.words[first:end])
    return all(_is_typed_as(text, first + i, form) for i, form in enumerate(marked_forms))


def _is_typed_as(text: Text, index: int, marked_form: str | None) -> bool:
    """Whether a word with or without marks is the one meant, and not one of other marks."""
    word = text.words[index]
    if marked_form is None:
        return not word.marked
    if word.marked:
        # Compared as typed as well: the sound of "xã" is written with the other tone.
        typed = text.original[word.start : word.end].lower()
        return marked_form in (word.sound, typed)
    return not text.marked or word.plain == marked_form or len(word.plain) <= 2


def place_noun_before(text: Text, start: int) -> tuple[int, str]:
    """The place noun that ends right before a word: where it begins, and it without marks."""
    words = text.words
    if start == 0 or words[start - 1].plain not in LAST_WORDS_OF_NOUNS:
        return start, ""
    for length in range(min(_LONGEST_NOUN, start), 0, -1):
        first = start - length
        key = " ".join(word.plain for word in words[first:start])
        if key in PLACE_NOUNS and is_place_noun(text, first, start, key):
            return first, key
    return start, ""


def is_place_noun(text: Text, first: int, end: int, key: str) -> bool:
    """Whether the words are that noun, and not others that look so without marks."""
    if first > 0 and (text.words[first - 1].plain, key) in OTHER_WORDS:
        return False
    for i in range(first, end):
        word = text.words[i]
        if word.marked and text.original[word.start : word.end].lower() not in MARKED_NOUNS:
            return False
        if not word.marked and text.marked and word.plain not in MARKED_NOUNS:
            return False
        if i + 1 < end and text.gap(i, i + 1).strip() not in ("", "-", "."):
            return False
    if key in NOUNS_ONLY_WITH_MARKS or (key in NOUNS_NEEDING_MARKS and text.marked):
        return any(word.marked for word in text.words[first:end])
    return end >= len(text.words) or not text.breaks_between(end - 1, end)


def is_after_preposition(text: Text, start: int) -> bool:
    if start == 0 or text.gap(start - 1, start).strip():
        return False
    word = text.words[start - 1]
    typed = text.original[word.start : word.end].lower()
    if typed in PREPOSITIONS:
        if word.marked or text.marked or word.plain not in WEAK_WITHOUT_MARKS:
            return True
        # "khuc qua an bien": the word before makes the doubtful one certain.
        return is_after_preposition(text, start - 1)
    return not word.marked and not text.marked and word.plain in _PLAIN_PREPOSITIONS


def is_after_title(text: Text, start: int) -> bool:
    if start == 0:
        return False
    word = text.words[start - 1]
    typed = text.original[word.start : word.end].lower()
    in_one_name = not text.gap(start - 1, start).strip()
    # In "Thứ Ba An Biên" the word before is a name itself.
    is_name = word.capital and start > 1 and not text.breaks_between(start - 2, start - 1)
    return typed in TITLES and in_one_name and not is_name


def is_inside_noun(text: Text, start: int) -> bool:
    """`an phu` in "cong an phu trach" begins inside the noun "công an"."""
    if start == 0 or text.marked:
        return False
    pair = f"{text.words[start - 1].plain} {text.words[start].plain}"
    return pair in PLACE_NOUNS and not text.gap(start - 1, start).strip()
