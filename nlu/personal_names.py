"""Finds names of persons: after words that call for one, and by their surname."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.personal_words import WordSearch

LONGEST_NAME = 4
LONGEST_CUE = 6
# Where one kind of cue fits a place as well as another, the first of these counts.
_CUES = ("self", "honorific", "honorific_marked", "profession", "office", "called", "name")
_CALLS = frozenset({"honorific", "honorific_marked", "profession"})
_ABBREVIATED = frozenset({"bs", "mr", "ms", "mrs", "a", "c"})
# "PA-7K3M": not a name but the beginning of a code.
_CODE = re.compile(r"-\w*\d")
_AFTER_SELF = {"", ":", "-", ":-", ","}


class Names(WordSearch):
    """Looks for names."""

    def find(self) -> Iterator[tuple[int, int]]:
        """Where names stand in the folded text, in order, none inside another."""
        place = 0
        while place < len(self._tokens):
            size = self._size_at(place)
            if size:
                yield self._tokens[place].start, self._tokens[place + size - 1].end
            place += size or self._size("public", place) or 1

    def _gap(self, place: int) -> str:
        """What stands between this token and the one before, without spaces."""
        if place == 0:
            return "."
        gap = self._text[self._tokens[place - 1].end : self._tokens[place].start]
        return "." if "\n" in gap else gap.replace(" ", "")

    def _size_at(self, place: int) -> int:
        token = self._tokens[place]
        if token.is_number or (len(token.plain) == 1 and not token.capital):
            return 0
        if _CODE.match(self._text, token.end):
            return 0
        cue, start = self._cue_before(place)
        if cue == "self":
            return self._after_self(place)
        if self._is("public", place):
            return 0
        if cue is None:
            return self._by_surname(place)
        if self._is("public", start):
            return 0
        if cue in _CALLS and self._names_a_place(start):
            return 0
        if token.capital and cue != "name" and not self._is("stop", place):
            size = self._capitals(place)
            if cue != "office" or (self._is("surname", place) and size > 1):
                return size
            return size if self._is("given", place) and size == 1 else 0
        surely = cue in _CALLS
        return self._by_surname(place, called=True, surely=surely) or self._given(place, cue)

    def _cue_before(self, place: int) -> tuple[str | None, int]:
        """The kind of cue that ends right before this place, and where it starts."""
        gap = self._gap(place)
        for kind in _CUES:
            if gap not in (_AFTER_SELF if kind == "self" else ("", ".") if place else ()):
                continue
            if gap == "." and self._tokens[place - 1].plain not in _ABBREVIATED:
                continue  # "bs. Lan", but not "… có ông. Lan …"
            for start in range(max(0, place - LONGEST_CUE), place):
                if self._words[kind].size_at(self._tokens, start) == place - start:
                    if all(not self._gap(i) for i in range(start + 1, place)):
                        return kind, start
        return None, place

    def _names_a_place(self, cue: int) -> bool:
        """Whether the honorific belongs to the name of a place ("cầu Ông Chưởng")."""
        return cue > 0 and not self._gap(cue) and self._is("place", cue - 1)

    def _capitals(self, place: int) -> int:
        """How many words with capitals follow each other; a word of an address ends them."""
        size = 1
        while size < LONGEST_NAME and self._continues(place + size):
            token = self._tokens[place + size]
            if not token.capital or self._is("street", place + size):
                break
            if self._is("hamlet", place + size) or token.plain in _ENDS:
                break
            size += 1
        return size

    def _continues(self, place: int) -> bool:
        return (
            place < len(self._tokens) and not self._gap(place) and not self._tokens[place].is_number
        )

    def _run(self, place: int, longest: int) -> int:
        """How many words follow each other before one that no name has."""
        size = 0
        while size < longest and (size == 0 or self._continues(place + size)):
            if self._is("stop", place + size) and not (size and self._may_name(place + size)):
                break
            size += 1
        return size

    def _may_name(self, place: int) -> bool:
        """Without marks "vẫn" is "van" as well, and "đứng" a name."""
        token = self._tokens[place]
        if token.capital:
            return True
        return token.typed == token.plain and (
            self._ends_a_name(place) or self._is("middle", place)
        )

    def _after_self(self, place: int) -> int:
        if self._is("stop", place):
            return 0
        if self._tokens[place].capital:
            return self._capitals(place)
        return self._by_surname(place, called=True, surely=True) or self._run(place, 3)

    def _by_surname(self, place: int, *, called: bool = False, surely: bool = False) -> int:
        """A full name that begins with a surname.

        `called` where a cue stands before it, `surely` where only a person can follow that.
        """
        if not self._is("surname", place) or self._is("public", place):
            return 0
        strong = self._is("clear_surname", place) or self._is("marked_surname", place)
        middle = self._continues(place + 1) and self._is("middle", place + 1)
        if not called and place and not self._gap(place):
            before = self._tokens[place - 1]
            if self._is("place", place - 1) or before.is_number or self._is("street", place - 1):
                return 0
            if before.capital and not strong:
                return 0  # the middle of a heading
        if self._tokens[place].capital:
            size = self._capitals(place)
            return size if size > (1 if strong or called else 2) or (size > 1 and middle) else 0
        size = self._run(place, LONGEST_NAME)
        if size == LONGEST_NAME and not self._ends_a_name(place + size - 1):
            size -= 1
        if middle:
            return size if size > 2 and (strong or surely) else 0
        return size if called and strong and size > 1 else 0

    def _ends_a_name(self, place: int) -> bool:
        return self._is("given", place) or self._is("given_more", place)

    def _given(self, place: int, cue: str) -> int:
        """A name by which somebody is called ("anh tuấn"), where nothing has capitals."""
        token = self._tokens[place]
        if token.capital and cue == "name":
            return self._capitals(place) if self._is("given", place) else 0
        if cue not in _CALLS or token.typed == token.plain:
            return 0
        if not self._is("given", place):
            return 0
        return 2 if self._continues(place + 1) and self._is("given", place + 1) else 1


_ENDS = frozenset(
    "phuong xa huyen tinh tp sdt dt cccd cmnd cmt so ubnd so nha nguoi dia sinh khu ngu"
    " hien o la va voi va".split()
)
