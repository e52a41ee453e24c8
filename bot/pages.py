"""Pages made from templates: one way for all of them, with everything that people wrote escaped."""

from __future__ import annotations

from pathlib import Path

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from bot.clock import LOCAL_ZONE, shown, whole_days
from bot.static_files import StaticFiles

TEMPLATES = Path(__file__).parent / "templates"


class _Compiled(BytecodeCache):
    """Keeps what templates were compiled to: each is compiled once, whoever shows it."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_compiled = _Compiled()


def dotted(number: int) -> str:
    """A whole number as people here read it, e.g. `12.345`."""
    return f"{number:,}".replace(",", ".")


def environment(files: StaticFiles) -> Environment:
    """The templates, with what each of them may use.

    `static('name')` gives the address of a static file, `moment|shown` a time as people here read
    it, `span|whole_days` the days of a span, `moment|local` the moment in this country's time,
    `number|dotted` a whole number.
    """
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=_compiled,
    )
    made.globals["static"] = files.url
    made.filters["dotted"] = dotted
    made.filters["shown"] = shown
    made.filters["whole_days"] = whole_days
    made.filters["local"] = lambda moment: moment.astimezone(LOCAL_ZONE)
    return made
