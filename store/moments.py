"""Counting with moments in a way that both databases know."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Date, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class LocalDay(FunctionElement[date]):
    """The day in Viet Nam, seven hours before Greenwich all the year, on which a moment falls."""

    name = "local_day"
    type = Date()
    inherit_cache = True


class MinutesBetween(FunctionElement[int]):
    """Whole minutes from the first moment to a second that is not earlier."""

    name = "minutes_between"
    type = Integer()
    inherit_cache = True


# An interval is worked out in half the time of a zone's name; this country has had one since 1975.
@compiles(LocalDay, "postgresql")
def _day_on_postgresql(element: LocalDay, compiler: SQLCompiler, **more: Any) -> str:
    return f"({compiler.process(element.clauses, **more)} AT TIME ZONE INTERVAL '7 hours')::date"


@compiles(LocalDay, "sqlite")
def _day_on_sqlite(element: LocalDay, compiler: SQLCompiler, **more: Any) -> str:
    return f"date({compiler.process(element.clauses, **more)}, '+7 hours')"


@compiles(MinutesBetween, "postgresql")
def _minutes_on_postgresql(element: MinutesBetween, compiler: SQLCompiler, **more: Any) -> str:
    first, second = (compiler.process(clause, **more) for clause in element.clauses)
    return f"floor(extract(epoch FROM {second} - {first}) / 60)::integer"


@compiles(MinutesBetween, "sqlite")
def _minutes_on_sqlite(element: MinutesBetween, compiler: SQLCompiler, **more: Any) -> str:
    first, second = (compiler.process(clause, **more) for clause in element.clauses)
    return f"(strftime('%s', {second}) - strftime('%s', {first})) / 60"
