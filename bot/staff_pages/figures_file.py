"""The figures as rows of a file: one table under another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from actions.figures.shapes import Compared, Figures, Line, Share
from bot.staff_pages.sheets import Value

Row = list[Value]


@cache
def _words() -> dict[str, Any]:
    path = Path(__file__).with_name("figures.yml")
    words: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return words


def rows(figures: Figures, labels: Mapping[str, str]) -> Iterator[Row]:
    """Every number of the page, without links.

    Args:
        labels: what people call the categories, by name.
    """
    words = _words()
    period = figures.asked.period
    yield [words["title"]]
    yield [words["from"], period.first.isoformat(), words["to"], period.last.isoformat()]
    yield [words["counted"], figures.counted_at]
    yield []
    yield from _overview(figures)
    places = {"": words["nowhere"]}
    yield from _lines(words["category"], figures.categories, labels)
    yield from _lines(words["commune"], figures.communes, places)
    yield from _agencies(figures)
    yield from _steps(figures)
    yield from _topics(figures, labels)


def _overview(figures: Figures) -> Iterator[Row]:
    words = _words()
    yield words["head"]
    for name in ("received", "on_time", "late", "reopened"):
        compared: Compared = getattr(figures, name)
        yield [words[name], compared.now.value, compared.before.value]
    for name in ("open", "overdue", "waiting"):
        yield [words[name], getattr(figures, name).value]
    yield [words["closed"], figures.rated.whole.value]
    yield [words["rated"], figures.rated.part.value]
    yield [words["satisfied"], figures.satisfied.part.value]
    yield [words["share_rated"], *_shares(figures.rated)]
    yield [words["share_satisfied"], *_shares(figures.satisfied)]
    yield [words["first_hours"], figures.first_answer_hours]
    yield [words["first_hours_most"], figures.first_answer_hours_most]


def _shares(share: Share) -> list[Value]:
    return [None if one is None else round(100 * one, 1) for one in (share.value, share.before)]


def _lines(head: str, lines: tuple[Line, ...], names: Mapping[str, str]) -> Iterator[Row]:
    yield []
    yield [head, *_words()["line_head"]]
    for line in lines:
        yield [names.get(line.key, line.name), *_numbers(line)]


def _agencies(figures: Figures) -> Iterator[Row]:
    words = _words()
    yield []
    yield [words["agency"], *words["line_head"], *words["days_head"]]
    for one in figures.agencies:
        yield [one.line.name, *_numbers(one.line), one.median, one.slowest]


def _steps(figures: Figures) -> Iterator[Row]:
    words = _words()
    yield []
    yield [words["first_day"], words["last_day"], *words["step_head"]]
    for step in figures.steps:
        numbers = (step.received.value, step.on_time.value, step.late.value)
        yield [step.first.isoformat(), step.last.isoformat(), *numbers]


def _topics(figures: Figures, labels: Mapping[str, str]) -> Iterator[Row]:
    words = _words()
    yield []
    yield words["topic_head"]
    for topic in figures.topics:
        place = topic.commune_name or words["nowhere"]
        name = labels.get(topic.category, topic.category)
        yield [name, place, topic.this_week.value, round(topic.mean_before, 1)]


def _numbers(line: Line) -> list[Value]:
    return [line.received.value, line.answered.value, line.late.value]
