"""Words for time: clock times, dates, "sáng nay", "mấy bữa nay".

No clock is read here: a date keeps what was said of it (`05/08`, `05/08/2026`), a clock time is
`HH:MM`, a relative time is its words with full marks. What stands side by side ("7h30 sáng mai")
is one entity.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from nlu.entities.folded import Folded
from nlu.letters import strip_diacritics
from nlu.understanding import Entity

KIND = "time"

_PARTS_OF_DAY = "sáng sớm|sáng|trưa|chiều|tối|đêm|khuya"
_RELATIVE = (
    "hôm nay|hôm qua|hôm kia|hôm trước|hôm bữa|hôm sau|ngày mai|ngày kia|ngày mốt|bữa nay|bữa qua"
    "|bữa kia|bữa trước|bữa hổm|hổm rày|hổm nay|nãy giờ|hồi nãy|lúc nãy|ban nãy|bây giờ|mới đây"
    "|sáng nay|trưa nay|chiều nay|tối nay|đêm nay|khuya nay|sáng qua|trưa qua|chiều qua|tối qua"
    "|đêm qua|khuya qua|sáng mai|trưa mai|chiều mai|tối mai|hồi sáng|hồi trưa|hồi chiều|hồi tối"
    "|hồi hôm|hồi khuya|đêm hôm qua|tối hôm qua|sáng hôm qua|chiều hôm qua|sáng hôm nay"
    "|tuần trước|tuần này|tuần rồi|tuần qua|tuần sau|tháng trước|tháng này|tháng rồi|tháng sau"
    "|năm ngoái|năm trước|năm nay|năm rồi|đầu năm|đầu tháng|cuối tuần|cuối tháng|nửa đêm|ban đêm"
    "|ban ngày|mỗi ngày|mỗi tối|mỗi đêm|hằng ngày|hàng ngày|cả ngày|suốt ngày|suốt đêm|cả đêm"
    "|cả tuần nay|cả tháng nay|cả năm nay|mấy bữa nay|mấy hôm nay|mấy ngày nay|mấy tuần nay"
    "|mấy tháng nay|mấy năm nay"
)
_WEEKDAYS = "thứ hai|thứ ba|thứ tư|thứ năm|thứ sáu|thứ bảy|chủ nhật"
_NUMBER_WORDS = "một|hai|ba|bốn|năm|sáu|bảy|tám|chín|mười|nửa|vài"
_UNITS = "phút|tiếng|giờ|ngày|bữa|hôm|tuần|tháng|năm"
_AGO = "nay|trước|qua|rồi"


def _words(pattern: str) -> tuple[str, dict[str, str]]:
    """A pattern over folded text, longest word first, and how each word is written with marks."""
    words = sorted(pattern.split("|"), key=len, reverse=True)
    return "|".join(strip_diacritics(w) for w in words), {strip_diacritics(w): w for w in words}


_part, _PART_WORDS = _words(_PARTS_OF_DAY)
_relative, _RELATIVE_WORDS = _words(_RELATIVE)
_weekday, _WEEKDAY_WORDS = _words(_WEEKDAYS)
_count, _COUNT_WORDS = _words(_NUMBER_WORDS)
_unit, _UNIT_WORDS = _words(_UNITS)
_ago, _AGO_WORDS = _words(_AGO)
_when, _WHEN_WORDS = _words("nay|qua|mai")
# "3h tới giờ" without marks is no "3h tối".
_BARE_PARTS = r"(?!\s+(?:thu|san|hom|gio))"

_DATE = re.compile(
    r"(?<![\w./-])(?!(?:1/[234]|2/3|3/4)(?!\w|/))(?:ngay\s+|mung\s+)?(?P<day>0?[1-9]|[12]\d|3[01])\s?[/.-]\s?(?P<month>0?[1-9]|1[0-2])"
    r"(?:\s?[/.-]\s?(?P<year>20\d\d|\d\d))?(?![\w/-]|\.\d)"
)
_LONG_DATE = re.compile(
    r"(?<!\w)ngay\s+(?P<day>0?[1-9]|[12]\d|3[01])\s+thang\s+(?P<month>0?[1-9]|1[0-2])"
    r"(?:\s+nam\s+(?P<year>20\d\d))?(?!\w)"
)
# Digits with spaces or nothing between them are a date only after "ngày" and with a year.
_BARE_DATE = re.compile(
    r"(?<!\w)ngay\s+(?:(?P<day>0?[1-9]|[12]\d|3[01])\s+(?P<month>0?[1-9]|1[0-2])\s+"
    r"|(?P<day2>0[1-9]|[12]\d|3[01])(?P<month2>0[1-9]|1[0-2]))(?P<year>20\d\d)(?!\w)"
)
_MONTH = re.compile(
    r"(?<!\w)thang\s+(?P<month>0?[1-9]|1[0-2])(?:\s?[/-]\s?(?P<year>20\d\d))?(?!\w|/)"
)
_MINUTE = r"\s?(?P<{}>[0-5]\d|\d(?=\s?p(?:hut)?(?!\w)))(?:\s?p(?:hut)?(?!\w))?"
_CLOCK = re.compile(
    r"(?<![\w.,/-])(?P<hour>[01]?\d|2[0-4])"
    rf"(?:\s?h(?:{_MINUTE.format('m1')}|(?P<half1>\s?ruoi))?"
    rf"|\s?g(?:{_MINUTE.format('m2')}|(?P<half2>\s?ruoi))"
    r"|(?P<colon>:| : )(?P<m3>[0-5]\d)"
    rf"|\s?gio(?:{_MINUTE.format('m4')}|(?P<half3>\s?ruoi))?)"
    rf"(?!\w|\s?[.,]?\d)(?:\s+(?P<part>{_part}){_BARE_PARTS}(?!\w)(?:\s+(?P<when>{_when})(?!\w))?)?"
)
# "7 : 30" is a time beside one of these words, or before a part of the day; "tổ 7 : 30 hộ" is not.
_TIME_COMES = re.compile(r"(?:^|\(|\b(?:luc|tam|khoang|hoi|tu|toi|den|vao|gio)\s)\s*$")
_LOOKED_BACK = 16
_SPAN = re.compile(
    rf"(?<!\w)(?P<count>\d{{1,3}}|{_count})\s+(?P<unit>{_unit})\s+(?P<ago>{_ago})(?!\w)"
)
_WEEKDAY = re.compile(rf"(?<!\w)(?:{_weekday}|thu\s?[2-7]|cn)(?!\w)")
_RELATIVE_PATTERN = re.compile(rf"(?<!\w)(?:{_relative})(?!\w)")
# Numbers in which letters stand for the digits that they look like: "l0h3O", "ngày O7/l2/2O26".
_NUMBER = re.compile(
    r"(?:(?<!\w)|(?<=\dh)|(?<=\dg)(?!io)|(?<=gio))(?=\d*[oil])[oil]*\d[\doil]*(?=[^\w]|[hgp]|$)"
    r"|(?<!\w)[il](?=[hg:]\d\d|gio|([/.-])\d\d?\1\d\d)|(?<=ngay )[il](?=[/.-]\d)"
    r"|(?<=\d[/.-])[il](?=[/.-]\d\d|[^\w]|$)"
)
_LOOK_ALIKES = str.maketrans("oil", "011")
_JOIN = re.compile(r"\s*(?:,|luc|vao|ngay|cua)?\s*")


def _date(match: re.Match[str]) -> str:
    groups = match.groupdict()
    day, month = (groups.get(name) or groups.get(f"{name}2") for name in ("day", "month"))
    before = f"{int(day):02d}/" if day else ""
    year = groups.get("year")
    if year and len(year) == 2:
        year = f"20{year}"
    return f"{before}{int(month or 0):02d}" + (f"/{year}" if year else "")


def _clock(match: re.Match[str]) -> str:
    hour = int(match["hour"])
    minute = int(match["m1"] or match["m2"] or match["m3"] or match["m4"] or 0)
    if match["half1"] or match["half2"] or match["half3"]:
        minute = 30
    part = match["part"]
    if part in ("chieu", "toi") and hour < 12:
        hour += 12
    elif part == "trua" and hour < 4:
        hour += 12
    elif part in ("dem", "khuya") and 6 <= hour < 12:
        hour += 12
    elif part in ("dem", "khuya") and hour == 12:
        hour = 0
    value = f"{hour % 24:02d}:{minute:02d}"
    return f"{value} {_PART_WORDS[part]} {_WHEN_WORDS[match['when']]}" if match["when"] else value


def _span(match: re.Match[str]) -> str:
    count = _COUNT_WORDS.get(match["count"], match["count"])
    return f"{count} {_UNIT_WORDS[match['unit']]} {_AGO_WORDS[match['ago']]}"


def _weekday_value(match: re.Match[str]) -> str:
    text = match.group()
    if text == "cn":
        return "chủ nhật"
    if text[-1].isdigit():
        return _WEEKDAYS.split("|")[int(text[-1]) - 2]
    return _WEEKDAY_WORDS[text]


_FINDERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (_LONG_DATE, _date),
    (_BARE_DATE, _date),
    (_DATE, _date),
    (_CLOCK, _clock),
    (_SPAN, _span),
    (_RELATIVE_PATTERN, lambda match: _RELATIVE_WORDS[match.group()]),
    (_WEEKDAY, _weekday_value),
    (_MONTH, lambda match: f"tháng {_date(match)}"),
)


def find(folded: Folded) -> list[Entity]:
    """All times, those side by side joined into one."""
    text = _with_digits(folded)
    hits: list[tuple[int, int, str]] = []
    for pattern, value_of in _FINDERS:
        for match in pattern.finditer(text):
            if _is_something_else(match, folded.text):
                continue
            if all(match.end() <= a or b <= match.start() for a, b, _ in hits):
                hits.append((match.start(), match.end(), value_of(match)))
    joined: list[tuple[int, int, str]] = []
    for start, end, value in sorted(hits):
        if joined and _JOIN.fullmatch(text, joined[-1][1], start):
            first, _, before = joined[-1]
            joined[-1] = (first, end, f"{before} {value}")
        else:
            joined.append((start, end, value))
    return [folded.entity(KIND, value, start, end) for start, end, value in joined]


def _with_digits(folded: Folded) -> str:
    """The folded text with digits for the letters of numbers that look like them."""

    def digits(match: re.Match[str]) -> str:
        return (
            match.group() if folded.has_marks(*match.span()) else match[0].translate(_LOOK_ALIKES)
        )

    return _NUMBER.sub(digits, folded.text)


def _is_something_else(match: re.Match[str], typed: str) -> bool:
    """Whether what has the shape of a time is more likely a lot ("lô L2-10") or a list."""
    if match.re is _DATE:
        mistyped = typed[match.start() : match.end()] != match.group()
        return mistyped and not match["year"] and not match.group().startswith("ngay")
    if match.re is _CLOCK and match["colon"] == " : ":
        return not match["part"] and not _TIME_COMES.search(
            typed, max(0, match.start() - _LOOKED_BACK), match.start()
        )
    return False
