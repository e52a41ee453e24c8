"""What `caunoi` tells about itself, and how a command ends that is badly set up."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from bot.cli import COMMANDS, main
from bot.settings import Settings


def said(*arguments: str) -> str:
    return CliRunner().invoke(main, list(arguments)).output


def test_help_lists_the_commands_in_their_order_each_with_a_sentence() -> None:
    lines = said("--help").partition("Commands:\n")[2].splitlines()
    told = [line.split(maxsplit=1) for line in lines]
    assert [name for name, _ in told] == list(COMMANDS)
    assert all(words[0].isupper() and words.endswith(".") for _, words in told)


def test_help_of_serve_lists_every_setting() -> None:
    words = said("serve", "--help").split()
    assert [name for name in Settings.model_fields if name.upper() not in words] == []


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        ("serve", "PORT", "many"),
        ("chat", "PORT", "many"),
        ("parse", "PORT", "many"),
        ("import dossiers x.csv", "PORT", "many"),
        ("staff add x", "PORT", "many"),
        ("serve", "DATABASE_URL", "mysql://x"),
        ("import dossiers x.csv", "DATABASE_URL", "mysql://x"),
        ("staff add x", "DATABASE_URL", "mysql://x"),
    ],
)
def test_a_bad_setting_is_named_and_nothing_is_started(
    command: str, name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    result = CliRunner().invoke(main, command.split())
    assert result.exit_code == 1
    assert name in result.output
    assert isinstance(result.exception, SystemExit)
