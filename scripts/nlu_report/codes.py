"""Codes, numbers and times as people type them, generated from a seed, and how many are read.

A reading is right when one entity of the kind is found, with the value that was meant, and it
covers what was typed and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from actions.ticket_code import TicketCodeUnreadable, issue, read
from nlu.entities.extractor import PatternEntities
from nlu.letters import strip_diacritics
from nlu.normalizer import Normalizer
from nlu.pipeline import begin
from nlu.understanding import Entity

SEED = 20260801
SIZE = 600


@dataclass(frozen=True)
class Case:
    """A sentence, the stretch of it that was generated, and what that stretch means."""

    text: str
    typed: str
    value: str


@dataclass(frozen=True)
class Generated:
    """One generated set: the kind of entity it is about, and how a value is compared."""

    name: str
    kind: str
    cases: tuple[Case, ...]

    def wrong(self) -> list[dict[str, object]]:
        """The cases that were not read rightly, with what was read instead."""
        normalizer, patterns = Normalizer(), PatternEntities()
        out: list[dict[str, object]] = []
        for case in self.cases:
            reading = begin(normalizer, case.text)
            patterns.read(reading)
            found = [entity for entity in reading.entities if entity.entity == self.kind]
            if [_shown(case.text, entity) for entity in found] != [(case.value, case.typed)]:
                got = [[entity.entity, *_shown(case.text, entity)] for entity in reading.entities]
                out.append({"text": case.text, "meant": case.value, "read": got})
        return out


def _shown(text: str, entity: Entity) -> tuple[str, str]:
    value = entity.value
    if entity.entity == "ticket_code":
        # Look-alike letters are forgiven where tickets are looked up.
        with suppress(TicketCodeUnreadable):
            value = read(value)
    return value, text[entity.start : entity.end]


def generated_sets(size: int = SIZE, seed: int = SEED) -> list[Generated]:
    """The same sets for the same size and seed."""
    makers: list[tuple[str, str, Callable[[Random], tuple[str, str]], Sequence[str]]] = [
        ("dossier code", "dossier_code", dossier, _ABOUT_DOSSIERS),
        ("ticket code", "ticket_code", ticket, _ABOUT_TICKETS),
        ("phone", "phone", phone, _ABOUT_PHONES),
        ("date", "time", date, _ABOUT_DATES),
        ("time of day", "time", clock, _ABOUT_TIMES),
    ]
    return [_set(*maker, size, seed) for maker in makers]


def _set(
    name: str,
    kind: str,
    make: Callable[[Random], tuple[str, str]],
    frames: Sequence[str],
    size: int,
    seed: int,
) -> Generated:
    random = Random(f"{name} {seed}")
    cases = []
    for _ in range(size):
        typed, value = make(random)
        frame = random.choice(frames)
        if random.random() < 0.4:
            frame, typed = strip_diacritics(frame), strip_diacritics(typed)
        cases.append(Case(frame.format(typed), typed, value))
    return Generated(name, kind, tuple(cases))


_ABOUT_DOSSIERS = (
    "{}", "cho hỏi hồ sơ {} tới đâu rồi", "mã {} nha em", "Hồ sơ số {}, nộp cả tháng rồi mà im",
    "coi giùm tui cái mã {}. Hẹn bữa nay mà", "giấy hẹn ghi {} xong chưa vậy ad", "mã hs: {}",
    "tra giúp ({}) với ạ",
)  # fmt: skip
_ABOUT_TICKETS = (
    "{}", "phản ánh {} tới đâu rồi", "mã {} nha", "Tôi gửi bữa hổm, mã số là {}, sao im re vậy",
    "coi giùm cái {} với em ơi", "{} sao im re luôn vậy?", "bổ sung cho {}: nước lên thêm rồi",
    "rút lại cái phản ánh ({}) giùm",
)  # fmt: skip
_ABOUT_PHONES = (
    "{}", "sđt {} nha", "gọi tui số {} giùm", "Có gì liên hệ {}, tôi ở nhà cả ngày", "zalo {}",
    "tên Út Mẫn, điện thoại {}. Nhà cuối hẻm", "số của em là {} ạ", "alo {} gặp chú Tư",
)  # fmt: skip
_ABOUT_DATES = (
    "{}", "nộp hồ sơ {} mà chưa có kết quả", "hẹn {} trả giấy", "Từ {} tới giờ đường vẫn ngập",
    "bữa {} có ghe tông vô chân cầu", "xảy ra {}, chưa ai xuống coi", "({}) cúp nước cả xóm",
)  # fmt: skip
_ABOUT_TIMES = (
    "{}", "quán hát tới {} chưa nghỉ", "cúp điện từ {} tới giờ", "Khoảng {} là xe ben chạy rần rần",
    "xảy ra lúc {}, ai cũng thấy", "tầm {} thì mùi hôi nhất", "({}) có tiếng nổ lớn",
)  # fmt: skip


def dossier(random: Random) -> tuple[str, str]:
    """A dossier code as typed, and as the one-stop system writes it."""
    national = random.choice(["", "", "", "000.00.12."])
    groups = f".{random.randrange(1, 99):02d}"
    if not national and random.random() < 0.15:
        groups += f".{random.randrange(1, 30):02d}"
    tail = f"{random.randrange(1, 9999):04d}"
    if random.random() < 0.1:
        tail = f"{random.randrange(10000, 99999)}"
    letter, province = random.choice("HHHG"), f"{random.randrange(1, 99):02d}"
    day = f"2{random.randrange(4, 7)}{random.randrange(1, 13):02d}{random.randrange(1, 29):02d}"
    value = f"{national}{letter}{province}{groups}-{day}-{tail}"
    typed = value
    if random.random() < 0.5:
        typed = typed.lower()
    way = random.randrange(6)
    if way == 0 and len(groups) == 3 and len(tail) == 4:  # else nobody could tell the parts apart
        typed = typed.replace(".", "").replace("-", "")
    elif way == 1:
        typed = typed.replace(".", " ").replace("-", " ")
    elif way == 2:
        typed = typed.replace(".", "")
    elif way == 3:
        typed = typed.replace("-", random.choice([" - ", ".", "–", "/", " ", "- "]))
    elif way == 4:
        typed = typed.replace(".", random.choice([". ", " ", ",", " . "]))
    if random.random() < 0.3:
        typed = _with_look_alikes(typed, {"0": "oO", "1": "lI"}, random)
    return typed, value


def ticket(random: Random) -> tuple[str, str]:
    """A ticket code as typed, and as it was issued."""
    value = issue(random)
    code = value.removeprefix("PA-")
    if random.random() < 0.25:
        code = _with_look_alikes(code, {"0": "O", "1": "IL", "2": "Z", "V": "U"}, random)
    way = random.randrange(7)
    digits = any(sign.isdigit() for sign in code)
    if way == 0 and digits:
        typed = f"PA{code}"
    elif way == 1 and digits:
        typed = f"PA {code}"
    elif way == 2 and digits:
        typed = f"PA {code[:3]} {code[3:]}"
    elif way == 3:
        typed = f"PA-{code[:3]}-{code[3:]}"
    elif way == 4 and digits:
        typed = "PA " + " ".join(code)
    elif way == 5:
        typed = random.choice(["PA–", "PA - ", "PA- ", "PA:"]) + code
    else:
        typed = f"PA-{code}"
    return (typed.lower() if random.random() < 0.5 else typed), value


def phone(random: Random) -> tuple[str, str]:
    """A phone number as typed, and with 0 and no separators."""
    fixed = random.random() < 0.15
    digits = "".join(str(random.randrange(10)) for _ in range(7))
    if fixed:
        value = f"029{random.choice('67')}3{digits[:6]}"
        parts = [value[:4], value[4:7], value[7:]]
    else:
        value = f"0{random.choice('35789')}{random.randrange(1, 9)}{digits}"
        parts = [value[:4], value[4:7], value[7:]]
        if random.random() < 0.3:
            parts = [value[:3], value[3:6], value[6:8], value[8:]]
    typed = random.choice(["", " ", ".", "-", " . ", "  "]).join(parts)
    way = random.randrange(6)
    if way == 0:
        typed = random.choice(["+84", "84", "+84 "]) + typed[1:]
    elif way == 1 and fixed:
        typed = f"({parts[0]}) {parts[1]}{parts[2]}"
    elif way == 2:
        typed = _with_look_alikes(value, {"0": "oO", "1": "lI"}, random, most=2)
    return typed, value


def date(random: Random) -> tuple[str, str]:
    """A date as typed, and as DD/MM or DD/MM/YYYY."""
    day, month, year = (
        random.randrange(1, 29),
        random.randrange(1, 13),
        random.randrange(2024, 2028),
    )
    d, m = (f"{day:02d}", f"{month:02d}") if random.random() < 0.5 else (str(day), str(month))
    whole = f"{day:02d}/{month:02d}/{year}"
    way = random.randrange(9)
    if way == 0:
        typed, value = f"ngày {d} tháng {m} năm {year}", whole
    elif way == 1:
        typed, value = f"ngày {d} tháng {m}", whole[:5]
    elif way == 2:
        typed, value = f"ngày {d}/{m}", whole[:5]
    elif way == 3:
        typed, value = f"{d} / {m} / {year}", whole
    elif way == 4:
        typed, value = f"ngày {d} {m} {year}", whole
    elif way == 5:
        typed, value = f"ngày {day:02d}{month:02d}{year}", whole
    elif way == 6:
        typed, value = f"{d}/{m}/{year % 100}", whole
    else:
        mark = random.choice("/-.")
        typed, value = f"{d}{mark}{m}{mark}{year}", whole
    if random.random() < 0.25:
        typed = _digits_with_look_alikes(typed, random)
    return typed, value


def clock(random: Random) -> tuple[str, str]:
    """A time of day as typed, and as HH:MM."""
    hour, minute = random.randrange(1, 13), random.choice([0, 5, 10, 15, 20, 30, 30, 40, 45, 50])
    full = f"{minute:02d}"
    ways = [
        f"{hour}h{full}", f"{hour}:{full}", f"{hour} giờ {full}", f"{hour} giờ {full} phút",
        f"{hour}g{full}", f"{hour} h {full}", f"{hour}h {full}", f"{hour} : {full}",
        f"{hour}h{full}p", f"{hour}h{full} phút", f"{hour}giờ{full}",
    ]  # fmt: skip
    if minute == 0:
        ways = [f"{hour}h", f"{hour} giờ", f"{hour} h", f"{hour}h00", f"{hour}:00", f"{hour}giờ"]
    elif minute == 30:
        ways += [f"{hour} giờ rưỡi", f"{hour}h rưỡi", f"{hour} giờ rưỡi"]
    typed = random.choice(ways)
    if random.random() < 0.25:
        typed = _digits_with_look_alikes(typed, random)
    part, later = random.choice(_PARTS_OF_DAY[hour])
    if part:
        typed = f"{typed} {part}"
    return typed, f"{later:02d}:{full}"


def _parts_of_day(hour: int) -> list[tuple[str, int]]:
    """The parts of the day that a clock's hour may stand beside, and the hour of the day then."""
    afternoon = hour % 12 + 12
    parts = [("", hour)]
    if 4 <= hour <= 11:
        parts.append(("sáng", hour))
    if hour in (11, 12):
        parts.append(("trưa", hour))
    if 1 <= hour <= 6:
        parts.append(("chiều", afternoon))
    if 6 <= hour <= 11:
        parts.append(("tối", afternoon))
    if 9 <= hour <= 11:
        parts.append(("đêm", afternoon))
    if hour <= 3:
        parts += [("sáng", hour), ("khuya", hour)]
    if hour == 12:
        parts.append(("đêm", 0))
    return parts


_PARTS_OF_DAY = {hour: _parts_of_day(hour) for hour in range(1, 13)}


def _with_look_alikes(
    typed: str, letters: dict[str, str], random: Random, most: int | None = None
) -> str:
    """The text with letters for the signs they look like, at most so many from the left."""
    out, done = [], 0
    for sign in typed:
        if sign in letters and (most is None or done < most):
            sign = random.choice(letters[sign])
            done += 1
        out.append(sign)
    return "".join(out)


def _digits_with_look_alikes(typed: str, random: Random) -> str:
    """The same for a date or a time: of each number at most one digit, so that one is left."""
    words = typed.split(" ")
    return " ".join(
        _with_look_alikes(word, {"0": "oO", "1": "lI"}, random, most=1)
        if sum(sign.isdigit() for sign in word) > 1
        else word
        for word in words
    )
