"""Finds numbers that belong to a person: of papers, accounts, vehicles, phones; and e-mails."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

from nlu.entities import phone
from nlu.entities.folded import Folded

Found = tuple[str, int, int]

_GAP = r"[^\d\n]{0,18}?"
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,60}(?:\.[\w-]{1,60}){1,5}")
_BANK_CUE = (
    r"(?<!\w)(?:stk|so tk|so t/k|tk|so tai khoan|tai khoan(?: ngan hang)?|chuyen khoan(?: vao)?"
    r"|ck (?:vao|qua|cho)|vietcombank|agribank|vcb|bidv|mb ?bank|sacombank|techcombank|acb|tpbank"
    r"|vietinbank|vpbank|hdbank|lpbank|so the(?: atm)?|the atm)(?!\w)"
)
_BANK = re.compile(rf"{_BANK_CUE}{_GAP}(?P<number>\d(?:[ .-]?\d){{5,18}})(?!\d)")
_ID_CUE = (
    r"(?<!\w)(?:cccd|cmnd|cmt|cmtnd|can cuoc(?: cong dan)?|cc cd|chung minh(?: nhan dan| thu)?"
    r"|dinh danh|ma dinh danh|so dinh danh|bhxh|bao hiem xa hoi|so bao hiem|ma so bhxh|bhyt"
    r"|bao hiem y te|the bao hiem|ma so thue|mst|gplx|bang lai|giay phep lai xe|ho chieu|passport"
    r"|so giay to|giay to tuy than|sscd|thecan cuoc)(?!\w)"
)
_ID_AFTER_CUE = re.compile(
    rf"{_ID_CUE}{_GAP}(?P<number>(?:[a-z]{{1,2}}[ .-]?)?\d(?:[ .-]{{0,2}}\d){{6,14}})(?!\d)"
)
_BARE = r"(?<![\w.,/-])(?P<number>{})(?![\w/-]|[.,]\d)"
# A citizen's number: the province where the birth was registered (001 to 096), then nine digits.
_CITIZEN = re.compile(_BARE.format(r"0\d\d(?:[ .-]?\d){9}"))
_OLD_CITIZEN = re.compile(_BARE.format(r"[0-3]\d{8}"))
_INSURED = re.compile(
    _BARE.format(
        r"(?:dn|hx|ch|nn|tk|hc|xk|ht|tb|no|xb|xn|tn|cc|ck|cb|kc|hd|te|bt|hn"
        r"|dt|dk|xd|ts|tc|tq|ta|ty|hg|ls|pv|hs|sv|gb|gd)"
        r"[ .-]?\d(?:[ .-]?\d){12}"
    )
)
_MONEY = re.compile(r"\s?(?:d|dong|vnd|vn|tr|trieu|k|ngan|nghin|ty|m2|m|kg|ha)(?!\w)")
_PHONE_CUE = re.compile(
    rf"(?<!\w)(?:sdt|dt|so dien thoai|dien thoai|so dt|phone|zalo|goi|lien he|alo|lh|hotline"
    rf"|so may){_GAP}(?P<number>\+?\d(?:[ .-]{{0,2}}\d){{7,12}})(?!\d|[.,]\d)"
)
_DIGIT_WORD = r"(?:khong|mot|hai|ba|bon|tu|nam|lam|sau|bay|tam|chin)"
_SPELT_PHONE = re.compile(rf"(?<!\w)khong(?:[ ,.-]+{_DIGIT_WORD}){{9,10}}(?!\w)")
_PLATE = re.compile(
    r"(?<![\w./])(?P<province>[1-9]\d)(?P<s1>[ .-]{0,3})(?P<series>[a-z]{2}\d?|[a-z]\d?)"
    r"(?P<s2>[ .:-]{0,3})(?P<number>\d{3}[ .,]\d{2}|\d{4,5})(?![\w/]|[.,-]\d)"
)
_PLATE_CUE = r"(?<!\w)(?:bien so|bien kiem soat|bien duoi|bks|bs|bsx|so xe|bang so)(?!\w)"
_PLATE_BEFORE = re.compile(
    rf"(?:{_PLATE_CUE}|(?<!\w)(?:xe|o to|oto|moto|xe may)(?!\w))[^\d\n]{{0,25}}$"
)
_PLATE_AFTER_CUE = re.compile(
    rf"{_PLATE_CUE}(?: duoi| so| xe| la| cuoi| co| dang|:| )*[ :]+"
    r"(?P<number>\d{2}[ .-]?[a-z]{1,2}\d?(?:[ .-]{0,3}\d[\d.]{2,5})?|\d{3}[.,]\d{2}|\d{4,5}"
    r"|[a-z]{2}[ .-]?\d{2}[ .-]?\d{2,3})(?![\w/]|[.,]\d)"
)
_BOAT = re.compile(
    r"(?<![\w])(?:ag|kg|ct|dt|vl|cm|bl|st|tg|bt|tv|la|hg|bv|bd|bth)[ .-]{0,2}\d{4,5}"
    r"(?P<fishing>[ .-]{0,2}ts)?(?![\w/]|[.,]\d)"
)
_BOAT_BEFORE = re.compile(
    r"(?<!\w)(?:ghe|tau|sa lan|so hieu|so dang ky|tau ca|vo lai)(?!\w)[^\d\n]{0,25}$"
)
# Letters that stand for hours, minutes, thousands, metres … between two numbers.
_UNIT_SERIES = frozenset("h g p k m l t d n x".split())


def find(folded: Folded) -> Iterator[Found]:
    """Kind, start and end in the folded text; what comes first is the surer of two that overlap."""
    text = folded.text
    for match in _EMAIL.finditer(text):
        end = match.end() - (len(match.group()) - len(match.group().rstrip(".-")))
        yield "email", match.start(), end
    for match in _BANK.finditer(text):
        if not _MONEY.match(text, match.end()):
            yield "bank_account", *match.span("number")
    for match in _ID_AFTER_CUE.finditer(text):
        if not _MONEY.match(text, match.end()) and not _is_phone(match["number"]):
            yield "id_number", *match.span("number")
    for start, end in _plates(text):
        # "đổ" is a word and no series; "MĐ" is one.
        if not any(i in folded.marked and text[i] != "d" for i in range(start, end)):
            yield "plate", start, end
    for entity in phone.find(folded):
        start = bisect_left(folded.starts, entity.start)
        yield "phone", start, bisect_left(folded.ends, entity.end, start) + 1
    for pattern in (_CITIZEN, _OLD_CITIZEN, _INSURED):
        for match in pattern.finditer(text):
            digits = re.sub(r"\D", "", match["number"])
            rounded = digits.endswith("000") or _MONEY.match(text, match.end())
            if not rounded and not _is_phone(match["number"]):
                yield "id_number", *match.span("number")
    for match in _PHONE_CUE.finditer(text):
        if not _MONEY.match(text, match.end()):
            yield "phone", *match.span("number")
    for match in _SPELT_PHONE.finditer(text):
        yield "phone", *match.span()


def _is_phone(number: str) -> bool:
    return phone.normalize_phone(number) is not None and number[0] in "0+"


def _plates(text: str) -> Iterator[tuple[int, int]]:
    for match in _PLATE_AFTER_CUE.finditer(text):
        yield match.span("number")
    for match in _PLATE.finditer(text):
        if _is_plate(text, match):
            yield match.span()
    for match in _BOAT.finditer(text):
        before = text[max(0, match.start() - 40) : match.start()]
        if match["fishing"] or _BOAT_BEFORE.search(before):
            yield match.span()


def _is_plate(text: str, match: re.Match[str]) -> bool:
    """A series that may be a unit ("20h 2024") needs a dash, a full stop, or a word before."""
    written = match["series"].rstrip("0123456789")
    pointed = any(sign in match["number"] for sign in ".,")
    dashed = "-" in match["s1"] or "-" in match["s2"]
    before = text[max(0, match.start() - 45) : match.start()]
    if _PLATE_BEFORE.search(before):
        return True
    if _MONEY.match(text, match.end()):
        return False
    if len(written) == 1 and written in _UNIT_SERIES and match["series"] == written:
        return pointed or (dashed and len(match["number"]) == 5)
    return pointed or dashed or len(match["number"]) == 5 or match["series"] != written
