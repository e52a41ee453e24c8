"""The bot's sentences, read from domain.yml and filled in."""

from __future__ import annotations

import string
from pathlib import Path
from typing import Any

from actions.table_files import parsed_yaml
from bot.messages import Button, Outgoing


class ResponseError(Exception):
    """A response is missing, or its text asks for a field that was not given."""


class Responses:
    """Every response of domain.yml by name.

    A response has one text and optionally buttons (`title` with `payload`, `url` or `phone`) and
    `custom: {ask: location | contact}`. Fields stand in braces, in texts, titles and payloads.
    """

    def __init__(self, responses: dict[str, list[dict[str, Any]]], source: str) -> None:
        self._responses = {name: variants[0] for name, variants in responses.items()}
        self._source = source

    @classmethod
    def load(cls, path: Path) -> Responses:
        document = parsed_yaml(path.read_text(encoding="utf-8"))
        return cls(document["responses"], path.name)

    @property
    def names(self) -> set[str]:
        return set(self._responses)

    def text(self, name: str, **fields: object) -> str:
        """The filled text of a response.

        Raises:
            ResponseError: there is no such response, or a field is missing.
        """
        return self._fill(name, str(self._get(name).get("text", "")), fields)

    def say(self, name: str, **fields: object) -> Outgoing:
        """The response as a message, buttons included; raises like `text`."""
        response = self._get(name)
        buttons = tuple(
            Button(
                title=self._fill(name, button["title"], fields),
                payload=self._optional(name, button.get("payload"), fields),
                url=self._optional(name, button.get("url"), fields),
                phone=self._optional(name, button.get("phone"), fields),
            )
            for button in response.get("buttons", ())
        )
        ask = response.get("custom", {}).get("ask")
        return Outgoing(text=self.text(name, **fields), buttons=buttons, ask=ask)

    def _get(self, name: str) -> dict[str, Any]:
        try:
            return self._responses[name]
        except KeyError:
            raise ResponseError(f"{self._source}: responses has no {name!r}: add it") from None

    def _optional(self, name: str, template: str | None, fields: dict[str, object]) -> str | None:
        return None if template is None else self._fill(name, template, fields)

    def _fill(self, name: str, template: str, fields: dict[str, object]) -> str:
        try:
            return string.Formatter().vformat(template, (), fields).strip()
        except (KeyError, IndexError) as error:
            raise ResponseError(
                f"{self._source}: response {name!r} asks for the field {error}: pass it or drop it"
            ) from None
