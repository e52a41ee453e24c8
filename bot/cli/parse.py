"""`caunoi parse`: what the model makes of texts, as JSON lines, for measuring and for debugging."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import Iterable
from typing import Any, TextIO

import click
from pydantic import ValidationError

from bot.readers import Reader, ReaderUnavailable


class LineUnreadable(ValueError):
    """A line of the input is not an object with a text."""


@click.command()
def command() -> None:
    """Parse JSON lines from standard input.

    Reads {"id": …, "text": …} and writes one JSON line for each, in order: intent, sure, category,
    category_top3, urgency, acts and entities. A malformed line gets {"line": n, "error": …}.
    """
    from bot.bootstrap import NoModel, open_reader
    from bot.settings import Settings, describe_errors
    from nlu.archive import ArchiveUnreadable

    try:
        reader = open_reader(Settings())
    except ValidationError as error:
        raise click.ClickException(describe_errors(error)) from None
    except (NoModel, ArchiveUnreadable) as error:
        raise click.ClickException(str(error)) from None
    # Lines end at "\n" alone, whatever other line separators a text holds.
    lines = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8", errors="replace", newline="\n")
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        asyncio.run(run_parse(reader, lines, sys.stdout))
    except ReaderUnavailable as error:
        raise click.ClickException(str(error)) from None


async def run_parse(reader: Reader, stdin: Iterable[str], stdout: TextIO) -> None:
    """Parse every line in order, and close the reader.

    Raises:
        ReaderUnavailable: the server that parses is out of reach.
    """
    try:
        for number, line in enumerate(stdin, start=1):
            if not line.strip():
                continue
            try:
                given = _read(line)
            except LineUnreadable as error:
                answer: dict[str, Any] = {"line": number, "error": str(error)}
            else:
                understood = await reader.understand(given["text"])
                answer = {"id": given["id"], **understood.to_dict()}
            stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")
            stdout.flush()
    finally:
        await reader.close()


def _read(line: str) -> dict[str, Any]:
    try:
        given = json.loads(line)
    except ValueError as error:
        raise LineUnreadable(f"not JSON: {error}") from None
    if not isinstance(given, dict):
        raise LineUnreadable("not an object with id and text")
    for key in ("id", "text"):
        if key not in given:
            raise LineUnreadable(f"no {key}")
    if not isinstance(given["text"], str):
        raise LineUnreadable("text is not a string")
    return given
