"""The `caunoi` command. Each command imports what it needs when it runs, so that help is quick."""

from __future__ import annotations

import importlib

import click

COMMANDS = {
    "serve": "bot.cli.serve",
    "chat": "bot.cli.chat",
    "train": "bot.cli.train",
    "parse": "bot.cli.parse",
    "import": "bot.cli.importing",
    "staff": "bot.cli.staff",
    "doctor": "bot.cli.doctor",
}
"""Each command and the module whose `command` it is, in the order that help shows them."""


class _Commands(click.Group):
    """Commands in our order, each loaded when asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(COMMANDS[cmd_name]).command
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Cầu Nối: people report, ask and follow up by message; staff answer in the same chat."""
