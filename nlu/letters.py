"""Vietnamese letters: marks, tones, look-alikes; pure functions without any table on disk."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

TONES = "\u0300\u0301\u0303\u0309\u0323"  # grave, acute, tilde, hook above, dot below

# Letters of other alphabets that look like Latin ones (people paste them, phones offer them).
LOOK_ALIKES = str.maketrans(
    "НнОоРрСсАаЕеКкМмТтВвХхІіΗΟΡΑΕΚΜΤΒΧΙΖ", "HhOoPpCcAaEeKkMmTtBbXxIiHOPAEKMTBXIZ"
)

# Invisible characters that people paste without knowing.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]"
)

# Where the syllable has these two vowels the tone stands on the second ("hòa" = "hoà",
# "tòan" = "toàn", "đừơng" = "đường").
_TONE_ON_SECOND = {
    "oa", "oă", "oe", "uâ", "uê", "uơ", "uy", "ươ", "iê", "yê", "uô",
}  # fmt: skip
_VOWELS = "aăâeêioôơuưy"


MOST_LETTERS_KEPT = 4096
"""Far more than Vietnamese has."""


@lru_cache(maxsize=MOST_LETTERS_KEPT)
def strip_letter(letter: str) -> str:
    """The letter without tone and mark: `ệ` gives `e`, `Đ` gives `D`."""
    if letter in "đĐ":
        return "d" if letter == "đ" else "D"
    return unicodedata.normalize("NFD", letter)[0]


class _Plain(dict[int, str]):
    """For `str.translate`: what stands for each letter; those met before are kept."""

    def __missing__(self, number: int) -> str:
        letter = chr(number)
        plain = "" if unicodedata.combining(letter) else strip_letter(letter)
        if len(self) < MOST_LETTERS_KEPT:
            self[number] = plain
        return plain


_plain = _Plain()


def strip_diacritics(text: str) -> str:
    """The text as typed by somebody without a Vietnamese keyboard; any encoding form is taken."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", text).translate(_plain)


@lru_cache(maxsize=512)
def _split_tone(letter: str) -> tuple[str, str]:
    """`ề` gives (`ê`, grave)."""
    parts = unicodedata.normalize("NFD", letter)
    tone = "".join(mark for mark in parts if mark in TONES)
    bare = "".join(mark for mark in parts if mark not in TONES)
    return unicodedata.normalize("NFC", bare), tone


def place_tone(word: str) -> str:
    """Move a tone typed on the wrong vowel (or by the old rule) to where the new rule has it."""
    if word.isascii() or len(word) < 2:
        return word
    letters = list(word)
    for i in range(len(letters) - 1):
        bare, tone = _split_tone(letters[i])
        if len(tone) != 1 or len(bare) != 1:
            continue
        second, second_tone = _split_tone(letters[i + 1])
        if second_tone or len(second) != 1 or second not in _VOWELS:
            continue
        before = letters[i - 1] if i else ""
        consonant_pair = (before == "q" and bare == "u") or (before == "g" and bare == "i")
        if consonant_pair or bare + second in _TONE_ON_SECOND:
            letters[i] = bare
            letters[i + 1] = unicodedata.normalize("NFC", second + tone)
    return "".join(letters)


_THRICE = re.compile(r"([^\W\d_])\1{2,}")
_TWICE_AT_END = re.compile(r"([^\W\d_])\1$")
# An accented vowel drawn out with its plain letter. "ưu" is a rhyme of its own ("cứu", "hưu").
_DRAWN_OUT = re.compile(
    "([áàảãạăắằẳẵặâấầẩẫậ])a+|([éèẻẽẹêếềểễệ])e+|([íìỉĩị])i+|([óòỏõọôốồổỗộơớờởỡợ])o+"
    "|([úùủũụ])u+|([ýỳỷỹỵ])y+"
)


def shorten(word: str) -> str:
    """Undo drawn-out letters in a lower-case word: `quáááá`, `quáaaa` and `oiiii`."""
    word = _THRICE.sub(r"\1", word)
    if not word.isascii():
        word = _DRAWN_OUT.sub(lambda match: match.group(match.lastindex or 0), word)
    return _TWICE_AT_END.sub(r"\1", word) if len(word) > 2 else word
