"""Finds addresses of houses: a number with a street, an alley, a hamlet or a group."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nlu.personal_words import WordSearch

LONGEST_STREET = 4
LONGEST_HAMLET = 3
_HOUSE_NUMBER = re.compile(r"\d{1,4}[a-f]?(?:[/-]\d{1,4}[a-f]?){0,4}")
_BETWEEN = {"", ",", "-", "."}
_UNITS = frozenset("phuong xa huyen tinh tp tx tt p q".split())


class Addresses(WordSearch):
    """Looks for addresses."""

    def find(self) -> Iterator[tuple[int, int]]:
        """Where addresses stand in the folded text, in order, none inside another."""
        place = 0
        while place < len(self._tokens):
            end = self._end_of(place)
            if end > place:
                yield self._tokens[place].start, self._tokens[end - 1].end
            place = max(end, place + 1)

    def _plain(self, place: int) -> str:
        return self._tokens[place].plain if 0 <= place < len(self._tokens) else ""

    def _gap(self, place: int) -> str:
        gap = self._text[self._tokens[place - 1].end : self._tokens[place].start]
        return "\n" if "\n" in gap else gap.replace(" ", "")

    def _joined(self, place: int) -> bool:
        """Whether only spaces stand before this token."""
        return 0 < place < len(self._tokens) and not self._gap(place)

    def _number(self, place: int) -> bool:
        return bool(_HOUSE_NUMBER.fullmatch(self._plain(place)))

    def _end_of(self, place: int) -> int:
        """The place after the address that begins here, or the same place for none."""
        if self._is_group(place):
            return self._group(place)
        if self._is("street", place) and self._number(place + 1) and place + 2 < len(self._tokens):
            # "hẻm 12, tổ 4, khóm …": an alley alone is no address, before a group it is a part.
            end = self._group(place + 2) if self._is_group(place + 2) else place
            return end if end > place + 2 else place
        named, number = self._before_number(place)
        told = named or (self._plain(place - 2), self._plain(place - 1)) == ("dia", "chi")
        if not self._number(number) or (named and not self._joined_all(place, number)):
            return place
        if not named and place and self._joined(place) and self._is("numbered", place - 1):
            return place
        if not named and place and self._plain(place - 1) == "so":
            return place  # what announced it was looked at with it
        if named == "số" and place and self._joined(place):
            if self._is("numbered", place - 1) or self._is("place", place - 1):
                return place
        end = self._parts(number + 1, sure=bool(told))
        if end > number + 1:
            return end
        alone = named == "số nhà" and not self._is("unit", number + 1)
        return number + 1 if alone else place

    def _is_group(self, place: int) -> bool:
        return self._is("group", place)

    def _joined_all(self, first: int, last: int) -> bool:
        return all(self._gap(i) in ("", ":", ".") for i in range(first + 1, last + 1))

    def _before_number(self, place: int) -> tuple[str, int]:
        """What announces the number of a house, and where that number stands."""
        first, second = self._plain(place), self._plain(place + 1)
        if (first, second) in (("so", "nha"), ("nha", "so"), ("can", "ho")):
            return "số nhà", place + 2
        if first == "so" and self._tokens[place].typed in ("số", "so"):
            return "số", place + 1
        if first == "nha" and self._tokens[place].typed in ("nhà", "nha"):
            return "nhà", place + 1
        return "", place

    def _group(self, place: int) -> int:
        """ "tổ 3 ấp Hòa An": a group with its hamlet; neither is an address by itself."""
        number = place + 1
        if self._plain(number) == "so":
            number += 1
        elif (self._plain(number), self._plain(number + 1)) == ("dan", "pho"):
            number += 2
        if not self._number(number) or not self._joined_all(place, number):
            return place
        end = self._parts(number + 1, sure=True)
        return end if end > number + 1 else place

    def _parts(self, place: int, *, sure: bool) -> int:
        """Reads streets, alleys, groups and hamlets on; `sure` lets them be in small letters."""
        first = place
        while place < len(self._tokens) and self._gap(place) in _BETWEEN:
            if self._gap(place) == "." and not self._is("hamlet", place):
                break
            end = self._part(place, sure=sure, first=place == first)
            if end == place:
                break
            place, sure = end, True
        return place

    def _part(self, place: int, *, sure: bool, first: bool) -> int:
        street = self._size("street", place)
        hamlet = 0 if street else self._size("hamlet", place)
        size = street or hamlet
        if not size:
            return self._street_name(place) if not self._gap(place) else place
        value = place + size
        if value >= len(self._tokens) or self._gap(value) not in ("", "."):
            return place
        if self._plain(value) == "so" and value + 1 < len(self._tokens):
            value += 1
        if self._tokens[value].is_number:
            return self._after_number(value, street=bool(street))
        longest = LONGEST_STREET if street else LONGEST_HAMLET
        end = self._name(value, sure=sure, longest=longest)
        return end if end > value else place

    def _after_number(self, value: int, *, street: bool) -> int:
        """ "hẻm 40" may go on with its street's name, "đường 3 tháng 2" with its month."""
        after = value + 1
        if street and self._plain(after) == "thang" and self._number(after + 1):
            return after + 2
        return after

    def _street_name(self, place: int) -> int:
        """A street's name without "đường": one that is known, or one that a person has."""
        known = self._size("road", place)
        if known:
            return place + known
        if self._tokens[place].capital and self._is("surname", place):
            end = self._name(place, sure=False, longest=LONGEST_STREET)
            return end if end > place + 1 else place
        return place

    def _name(self, place: int, *, sure: bool, longest: int) -> int:
        known = self._size("road", place)
        if known:
            return place + known
        end = place
        if self._tokens[place].capital:
            while end < place + longest and self._goes_on(end, place):
                if not self._tokens[end].capital or self._opens(end):
                    break
                end += 1
        elif sure:
            longest = min(longest, 2) if not self._is("surname", place) else longest
            while end < place + longest and self._goes_on(end, place):
                if self._is("stop", end) or self._opens(end):
                    break
                end += 1
        if end > place and end < len(self._tokens) and self._number(end) and self._joined(end):
            end += 1
        return end

    def _goes_on(self, end: int, place: int) -> bool:
        if end >= len(self._tokens) or self._tokens[end].is_number:
            return False
        return end == place or self._joined(end)

    def _opens(self, place: int) -> bool:
        """Whether another part, or the name of a commune, begins here."""
        opens = self._is("hamlet", place) or self._is("street", place)
        return opens or self._plain(place) in _UNITS
