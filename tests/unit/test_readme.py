"""What README.md and docs/ tell people to set, type and open is really there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from bot.cli import main
from bot.settings import ROOT, Settings

README = ROOT / "README.md"
PAGES = (README, *sorted((ROOT / "docs").glob("*.md")))

CODE = re.compile(r"^```.*?^```|`[^`\n]+`", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)|src=\"([^\"]+)\"")
FILE = re.compile(r"`((?:bot|actions|store|nlu|tests|deploy|docs|data|scripts)/[\w./]*\w)`")


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def code_in(page: Path) -> Iterator[str]:
    """Every line of code on a page; words of prose such as "make sure" are none."""
    for block in CODE.findall(page.read_text(encoding="utf-8")):
        for line in block.splitlines():
            yield line.strip("`").partition("  #")[0]


def find_command(words: list[str]) -> click.Command:
    """The command that these words name, sub-commands followed as far as they go."""
    command: click.Command = main
    context = click.Context(main)
    for word in words:
        if not isinstance(command, click.Group):
            break
        found = command.get_command(context, word)
        assert found is not None, f"there is no `caunoi {' '.join(words)}`"
        command = found
    return command


def settings_rows() -> dict[str, str]:
    rows = re.findall(r"^\| `([A-Z_]+)` \|.*\|(.*)\|$", README.read_text(encoding="utf-8"), re.M)
    return {name: default.strip() for name, default in rows}


def test_the_table_of_settings_names_every_setting_in_order_and_no_other() -> None:
    assert list(settings_rows()) == [name.upper() for name in Settings.model_fields]


def test_the_table_of_settings_shows_the_defaults() -> None:
    for name, field in Settings.model_fields.items():
        if field.default not in (None, ""):
            assert settings_rows()[name.upper()] == f"`{field.default}`"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_target_that_a_page_names_exists(page: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE))
    named = {
        word for line in code_in(page) for word in re.findall(r"(?:^|-- )make ([a-z-]+)", line)
    }
    assert named <= targets


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_caunoi_command_and_option_that_a_page_names_exists(page: Path) -> None:
    for line in code_in(page):
        for call in re.findall(r"(?:^|bin/)caunoi ([a-z].*)", line):
            command = find_command(re.findall(r"^[a-z]+(?: [a-z][a-z-]*)?", call)[0].split())
            known = {option for param in command.params for option in param.opts}
            assert set(re.findall(r"(?<!\S)--[a-z-]+", call)) <= known | {"--help"}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_and_heading_that_a_page_points_at_exists(page: Path) -> None:
    words = page.read_text(encoding="utf-8")
    for file in FILE.findall(words):
        assert (ROOT / file).exists(), file
    for path, heading, picture in LINK.findall(words):
        target = page.parent / (path or picture or page.name)
        assert target.exists(), f"{path}{picture}"
        if heading:
            titles = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.MULTILINE)
            assert heading in {title.lower().replace(" ", "-") for title in titles}


def test_the_service_starts_the_server_and_nothing_else() -> None:
    unit = (ROOT / "deploy" / "caunoi.service").read_text(encoding="utf-8")
    assert re.findall(r"^ExecStart=.*/caunoi (.*)$", unit, re.MULTILINE) == ["serve"]
