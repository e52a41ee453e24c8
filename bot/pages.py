"""Pages made from templates: one way for all of them, with everything that people wrote escaped."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.clock import LOCAL_ZONE, days, shown
from bot.static_files import StaticFiles

TEMPLATES = Path(__file__).parent / "templates"


def environment(files: StaticFiles) -> Environment:
    """The templates, with what each of them may use.

    `static('name')` gives the address of a static file, `moment|shown` a time as people here read
    it, `span|days` a span of time, `moment|local` the same moment in this country's time.
    """
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = files.url
    made.filters["shown"] = shown
    made.filters["days"] = days
    made.filters["local"] = lambda moment: moment.astimezone(LOCAL_ZONE)
    return made
