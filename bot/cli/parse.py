"""`caunoi parse`: what the model makes of texts, as JSON lines, for measuring and for debugging."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from collections.abc import Iterable
from typing import Any, TextIO

import click

from bot.readers import Reader, ReaderUnavailable


class LineUnreadable(ValueError):
    """A line of the input is not an object with a text."""


@click.command()
def command() -> None:
    """Parse JSON lines from standard input.

    Reads {"id": …, "text": …} and writes one JSON line for each, in order: intent, sure, category,
    category_top3, urgency, acts, entities and urgency_words. A malformed line gets
    {"line": n, "error": …}.
    """
    from bot.bootstrap import NoModel, open_reader
    from bot.cli.opening import read_settings
    from nlu.archive import ArchiveUnreadable

    try:
        reader = open_reader(read_settings())
    except (NoModel, ArchiveUnreadable) as error:
        raise click.ClickException(str(error)) from None
    # Lines end at "\n" alone, whatever other line separators a text holds.
    lines = io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", errors="replace", newline="\n")
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
            try:
                given = _read(line)
            except LineUnreadable as error:
                answer: dict[str, Any] = {"line": number, "error": str(error)}
            else:
                understood = await reader.understand(given["text"])
                answer = {"id": given["id"], **understood.to_dict()}
            stdout.write(_line(answer))
            stdout.flush()
    finally:
        await reader.close()


def _line(answer: dict[str, Any]) -> str:
    plain = json.dumps(answer, ensure_ascii=False) + "\n"
    # Half a surrogate pair cannot be written as UTF-8; its escape is JSON for the very same.
    return plain.encode("utf-8", "backslashreplace").decode("utf-8")


def _read(line: str) -> dict[str, Any]:
    try:
        given = json.loads(line)
    except ValueError as error:
        raise LineUnreadable(f"not JSON: {error}") from None
    except RecursionError:
        raise LineUnreadable("not JSON: nested beyond reason") from None
    if not isinstance(given, dict):
        raise LineUnreadable("not an object with id and text")
    for key in ("id", "text"):
        if key not in given:
            raise LineUnreadable(f"no {key}")
    if not isinstance(given["text"], str):
        raise LineUnreadable("text is not a string")
    return given
