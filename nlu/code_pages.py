"""Vietnamese in the clothes of Latin-1: TCVN3 (ABC) and VNI-Windows, and keys of Telex and VNI.

Documents of old offices come in fonts whose letters sit on the places of Western ones: pasted
into a chat "®­êng h­ háng" (TCVN3) or "ñöôøng hö hoûng" (VNI) was "đường hư hỏng". And where the
keyboard was not switched on, its keys are left behind: "dduwowngf", "d9u7o7ng2".
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from nlu.syllables import is_plain_syllable, is_syllable

Characters = tuple[list[str], list[int], list[int]]  # letters, and where each starts and ends

_TCVN3 = dict(
    zip(
        map(chr, (*range(0xA1, 0xAF), *range(0xB5, 0xBA), *range(0xBB, 0xBF), *range(0xC6, 0xCD),
                  *range(0xCE, 0xD9), *range(0xDC, 0xE0), *range(0xE1, 0xF0), *range(0xF1, 0xFF))),
        "ĂÂÊÔƠƯĐăâêôơưđ" "àảãáạ" "ằẳẵắ" "ặầẩẫấậè" "ẻẽéẹềểễếệìỉ" "ĩíịò" "ỏõóọồổỗốộờởỡớợù"
        "ủũúụừửữứựỳỷỹýỵ",
        strict=True,
    )
)  # fmt: skip
# Signs, not letters, to everybody else; hardly a TCVN3 word is without one.
_TCVN3_SIGNS = "".join(sign for sign in _TCVN3 if not sign.isalpha() or sign in "µª")
_TCVN3_GATE = re.compile(f"[{re.escape(_TCVN3_SIGNS)}][A-Za-z]|[A-Za-z][{re.escape(_TCVN3_SIGNS)}]")
_TCVN3_WORD = re.compile(f"[A-Za-z{re.escape(''.join(_TCVN3))}]+")

_MARKS = {
    "ø": "\u0300", "ù": "\u0301", "û": "\u0309", "õ": "\u0303", "ï": "\u0323",
    "â": "\u0302", "á": "\u0302\u0301", "à": "\u0302\u0300", "å": "\u0302\u0309",
    "ã": "\u0302\u0303", "ä": "\u0302\u0323",
    "ê": "\u0306", "é": "\u0306\u0301", "è": "\u0306\u0300", "ú": "\u0306\u0309",
    "ü": "\u0306\u0303", "ë": "\u0306\u0323",
}  # fmt: skip
_VNI_ALONE = {
    "ñ": "đ", "ô": "ơ", "ö": "ư", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ",
}  # fmt: skip
_TONE_SIGNS = "øùûõï"


def _vni_pairs() -> dict[str, str]:
    taking = {"a": _MARKS, "e": "øùûõïâáàåãä", "o": "øùûõïâáàåãä"}
    taking |= dict.fromkeys("uyôö", _TONE_SIGNS)
    return {
        vowel + sign: unicodedata.normalize("NFC", _VNI_ALONE.get(vowel, vowel) + _MARKS[sign])
        for vowel, signs in taking.items()
        for sign in signs
    }


_VNI = _vni_pairs() | _VNI_ALONE
_VNI |= {key.upper(): letter.upper() for key, letter in _VNI.items()}
_VNI |= {
    key[0].upper() + key[1]: letter.upper() for key, letter in _VNI.items() if len(key) == 2
}  # "Öù" as the first letter of a name
_VNI_SIGNS = "".join(sorted({letter for key in _VNI for letter in key if letter > "\x7f"}))
# Half of the pairs are no pairs in any other writing: a look at them is enough to go on or not.
_VNI_GATE = re.compile("[aeouyôö][øûõïåäëùáàâãêéèúü]|ñ[aeiouöôæòóìíy]", re.IGNORECASE)
_VNI_WORD = re.compile(f"[A-Za-z{_VNI_SIGNS}]+")
_VNI_LETTER = re.compile("|".join(sorted(map(re.escape, _VNI), key=len, reverse=True)))

# Letters that only Unicode has: a line that holds one is in Unicode already.
_PROPER = re.compile("[\u0102\u0103\u0110\u0111\u0128\u0129\u0168\u0169\u01a0\u01a1\u01af\u01b0"
                     "\u1ea0-\u1ef9]")  # fmt: skip
# Short forms with a đ, such as "đc" and "qđ", in a line known to be in a code page.
_BARE_D = re.compile("[bcdghklmnpqrstvx]*[®§ñÑ][bcdghklmnpqrstvx]+|[bcdghklmnpqrstvx]+[®§ñÑ]", re.I)
_LINE = re.compile(r"[^\n]+")


def decode(characters: Characters) -> Characters:
    """Characters in composed form; lines in an old code page come back in Unicode.

    Each letter keeps its place in the original; upper case stays. Anything else stays as it is.
    """
    text = "".join(characters[0])
    if not (_TCVN3_GATE.search(text) or _VNI_GATE.search(text)):
        return characters
    letters: list[str] = []
    starts: list[int] = []
    ends: list[int] = []

    def keep(start: int, end: int) -> None:
        letters.extend(characters[0][start:end])
        starts.extend(characters[1][start:end])
        ends.extend(characters[2][start:end])

    at = 0
    for start, end, letter in _converted(text):
        keep(at, start)
        letters.append(letter)
        starts.append(characters[1][start])
        ends.append(characters[2][end - 1])
        at = end
    keep(at, len(text))
    return letters, starts, ends


def _converted(text: str) -> list[tuple[int, int, str]]:
    """What becomes another letter, in order."""
    found: list[tuple[int, int, str]] = []
    for line in _LINE.finditer(text):
        written = line.group()
        if _PROPER.search(written):
            continue
        if _TCVN3_GATE.search(written) and _is_tcvn3(written):
            words = [
                match
                for match in _TCVN3_WORD.finditer(written)
                if _tcvn3(match[0]) or _BARE_D.fullmatch(match[0])
            ]
            found += [
                (line.start() + i, line.start() + i + 1, _TCVN3[written[i]])
                for match in words
                for i in range(*match.span())
                if written[i] in _TCVN3
            ]
        elif _VNI_GATE.search(written) and _is_vni(written):
            words = [
                match
                for match in _VNI_WORD.finditer(written)
                if _vni(match[0]) or _BARE_D.fullmatch(match[0])
            ]
            found += [
                (
                    line.start() + match.start() + pair.start(),
                    line.start() + match.start() + pair.end(),
                    _VNI[pair.group()],
                )
                for match in words
                for pair in _VNI_LETTER.finditer(match.group())
            ]
    return found


@lru_cache(maxsize=2048)
def _tcvn3(word: str) -> str:
    """The word read as TCVN3, in lower case; "" if that is no syllable."""
    read = "".join(_TCVN3.get(letter, letter) for letter in word).lower()
    return read if read != word.lower() and is_syllable(read) else ""


@lru_cache(maxsize=2048)
def _vni(word: str) -> str:
    """The same for VNI."""
    read = _VNI_LETTER.sub(lambda pair: _VNI[pair.group()], word).lower()
    return read if read != word.lower() and is_syllable(read) else ""


def _is_tcvn3(line: str) -> bool:
    for_it = against = weight = 0
    for word in _TCVN3_WORD.findall(line):
        if word.isascii() or len(word) < 2:
            continue
        if not _tcvn3(word):
            against += 1
        elif not is_syllable(word.lower()):
            for_it += 1
            weight += sum(letter in _TCVN3_SIGNS for letter in word)
    # One word may look so by chance, unless it has two signs where letters should be.
    return for_it > 2 * against and weight > 0 and (for_it > 1 or weight > 1)


def _is_vni(line: str) -> bool:
    for_it = against = weight = 0
    for word in _VNI_WORD.findall(line):
        if word.isascii() or len(word) < 2:
            continue
        if not _vni(word):
            against += 1
        elif not is_syllable(word.lower()):
            for_it += 1
            weight += sum(letter > "\x7f" for letter in word)
    return for_it > 2 * against and (for_it > 1 or weight > 2)


_TONE_KEYS = {"s": "\u0301", "f": "\u0300", "r": "\u0309", "x": "\u0303", "j": "\u0323"}
_MARK_KEYS = {"aa": "â", "ee": "ê", "oo": "ô", "aw": "ă", "ow": "ơ", "uw": "ư"}
_MARK_KEY = re.compile("aa|ee|oo|aw|ow|uw")
_TELEX = re.compile(r"(dd|[bcdghklmnpqrstvx]{0,3})([aeiouyw][a-z]{0,10})")
# Marks and places that words of other languages do not have together.
_SURE_TELEX = re.compile("^dd[aeiouyw]|uw|uow|iee|uoo|(?:aa|aw)[a-z]+[sfrxj]$|(?:ee|oo|ow)[a-z]*j$")
TELEX_GATE = re.compile(r"\bdd[aeiouyw]|uw|uow|iee|uoo|aa[a-z]|aw[a-z]|j\b")
VNI_KEYS_GATE = re.compile("d9[aeiouy]|[aeouy][678][a-z]")
VNI_KEYS_WORD = re.compile(r"(?<![^\W_])d?9?[a-z]+(?:[1-8]+[a-z]*)*(?![^\W_])")
_SURE_VNI_KEYS = re.compile("^d9[aeiouy]|[uo]7[a-z1-8]*[1-7]|[ao][68][a-z]+[1-5]|ie6")


@lru_cache(maxsize=4096)
def from_telex(word: str) -> str:
    """A lower-case word typed by Telex with the keyboard off; "" if it is not one.

    "dduwowngf" gives "đường", "quas" gives "quá": whether to believe it is another question.
    """
    match = _TELEX.fullmatch(word)
    # "oong" is a rhyme of "xoong" and few more: here it is "ông".
    if match is None or (is_plain_syllable(word) and "oo" not in word):
        return ""
    onset, rest = match.groups()
    tones = [key for key in rest[1:] if key in _TONE_KEYS]
    if len(tones) > 1:
        return ""
    rest = rest[0] + "".join(key for key in rest[1:] if key not in _TONE_KEYS)
    rest = _MARK_KEY.sub(lambda keys: _MARK_KEYS[keys.group()], rest.replace("uow", "uwow"))
    if rest.endswith("w"):  # the mark typed last: "duongw"
        rest = _horned(rest[:-1])
    elif rest.startswith("w"):
        rest = "ư" + rest[1:]
    bare = ("đ" if onset == "dd" else onset) + rest
    read = _toned(bare, _TONE_KEYS[tones[0]]) if tones else bare
    return read if not read.isascii() and is_syllable(read) else ""


def _horned(rest: str) -> str:
    if "uo" in rest:
        return rest.replace("uo", "ươ", 1)
    for plain, marked in (("u", "ư"), ("o", "ơ"), ("a", "ă")):
        if plain in rest:
            return rest.replace(plain, marked, 1)
    return rest + "ư"


def _toned(bare: str, tone: str) -> str:
    """The syllable with a tone on the vowel that carries it."""
    skipped = 2 if bare.startswith("qu") or (bare[:2] == "gi" and bare[2:3] in "aăâeêoôơuư") else 0
    vowels = [i for i, letter in enumerate(bare) if i >= skipped and letter in "aăâeêioôơuưy"]
    if bare == "gi":
        vowels = [1]
    if not vowels:
        return ""
    marked = [i for i in vowels if bare[i] in "ăâêôơư"]
    closed = vowels[-1] < len(bare) - 1
    pair = bare[vowels[0] : vowels[-1] + 1]
    if marked:
        at = marked[-1]
    elif len(vowels) == 1 or (len(vowels) == 2 and not closed and pair not in ("oa", "oe", "uy")):
        at = vowels[0]
    else:
        at = vowels[1]
    return unicodedata.normalize("NFC", bare[: at + 1] + tone + bare[at + 1 :])


def is_sure_telex(word: str) -> bool:
    """Whether a word can only have been typed by Telex."""
    return bool(_SURE_TELEX.search(word) and from_telex(word))


_TO_TELEX = str.maketrans("1234578", "sfrxjww")


@lru_cache(maxsize=4096)
def from_vni_keys(word: str) -> str:
    """A lower-case word typed by VNI's keys with the keyboard off: "d9u7o7ng2" gives "đường"."""
    if word.isalpha() or not word[0].isalpha():
        return ""
    keys = "dd" + word[2:] if word.startswith("d9") else word
    while "6" in keys:
        before, _, after = keys.partition("6")
        at = max(before.rfind(vowel) for vowel in "aeo")
        if at < 0:
            return ""
        keys = before[: at + 1] + before[at:] + after
    keys = keys.translate(_TO_TELEX)
    return from_telex(keys) if "9" not in keys else ""


def vni_keys(text: str) -> list[tuple[int, int, str]]:
    """Words of a lower-case text that were typed by VNI's keys, with what they stand for."""
    found = [
        (*match.span(), read)
        for match in VNI_KEYS_WORD.finditer(text)
        if (read := from_vni_keys(match.group()))
    ]
    sure = any(_SURE_VNI_KEYS.search(text[start:end]) for start, end, _ in found)
    return found if sure else []
