"""Dossiers from elsewhere than the local table: the province's one-stop system over HTTP."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import yaml

from actions.dossiers import DossierRecord, read_code

TIMEOUT_SECONDS = 8.0
"""How long a citizen waits for the one-stop system before being told to come back later."""

MAX_ANSWER_BYTES = 1_000_000

DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%Y%m%d")

__all__ = [
    "DossierRecord",
    "DossierSource",
    "DossierSourceUnavailable",
    "FieldMapping",
    "FieldMappingInvalid",
    "OneStopApi",
]


class DossierSourceUnavailable(Exception):
    """The source gave no usable answer; `reason` is a short name for the records."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class FieldMappingInvalid(ValueError):
    """The YAML file that maps the one-stop system's fields cannot be used; the text says why."""


class DossierSource(ABC):
    """Looks dossiers up by their code."""

    @abstractmethod
    async def find(self, code: str) -> DossierRecord | None:
        """The dossier with this code (canonical spelling), or None when there is none.

        Raises:
            DossierSourceUnavailable: the source could not be asked.
        """


@dataclass(frozen=True)
class FieldMapping:
    """How the one-stop system's answer is read; see docs/dossier-api.md.

    Attributes:
        root: path to the dossier inside the answer; empty when the answer is the dossier.
        fields: our field to the path of theirs.
        states: their state, as text, to ours (1 to 10); without an entry it must be a number.
        key_header: the header that carries the key.
        key_prefix: what stands before the key in it.
        not_found: HTTP statuses that mean that there is no such dossier.
    """

    root: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[str, int] = field(default_factory=dict)
    key_header: str = "Authorization"
    key_prefix: str = "Bearer "
    not_found: frozenset[int] = frozenset({404})

    REQUIRED = ("code", "state", "procedure", "agency", "applicant", "received_on")
    OPTIONAL = ("due_on", "phone", "id_number", "note")

    @classmethod
    def plain(cls) -> FieldMapping:
        """The mapping of a system that uses our own names."""
        return cls(fields={name: name for name in (*cls.REQUIRED, *cls.OPTIONAL)})

    @classmethod
    def load(cls, path: Path) -> FieldMapping:
        """Read the YAML file.

        Raises:
            FieldMappingInvalid: it is no such file; the text names what to mend.
        """
        try:
            document = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise FieldMappingInvalid(f"{path} cannot be read: {type(error).__name__}") from None
        if not isinstance(document, dict) or not isinstance(document.get("fields"), dict):
            raise FieldMappingInvalid(f"{path}: write a mapping with the key `fields`")
        fields = {str(ours): str(theirs) for ours, theirs in document["fields"].items()}
        known = {*cls.REQUIRED, *cls.OPTIONAL}
        if missing := [name for name in cls.REQUIRED if name not in fields]:
            raise FieldMappingInvalid(f"{path}: fields lacks {', '.join(missing)}: add it")
        if unknown := sorted(set(fields) - known):
            raise FieldMappingInvalid(f"{path}: fields has unknown {', '.join(unknown)}: remove it")
        key = document.get("key") or {}
        try:
            return cls(
                root=str(document.get("root") or ""),
                fields=fields,
                states={str(k): int(v) for k, v in (document.get("states") or {}).items()},
                key_header=str(key.get("header", cls.key_header)),
                key_prefix=str(key.get("prefix", cls.key_prefix)),
                not_found=frozenset(int(s) for s in document.get("not_found") or (404,)),
            )
        except (TypeError, ValueError, AttributeError) as error:
            raise FieldMappingInvalid(
                f"{path}: states, key or not_found is wrong: {error}"
            ) from None


class OneStopApi(DossierSource):
    """A provincial one-stop system that answers JSON over HTTP.

    Args:
        url: with `{code}` where the code goes.
        key: sent in the mapping's key header; None sends no such header.
        mapping: how its answer is read.
    """

    def __init__(
        self,
        url: str,
        key: str | None,
        mapping: FieldMapping | None = None,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
    ) -> None:
        self._url = url
        self._key = key
        self._mapping = mapping or FieldMapping.plain()
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)

    async def find(self, code: str) -> DossierRecord | None:
        url = self._url.replace("{code}", quote(code, safe=""))
        headers = {"Accept": "application/json"}
        if self._key:
            headers[self._mapping.key_header] = f"{self._mapping.key_prefix}{self._key}"
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout) as client,
                client.get(url, headers=headers, allow_redirects=False) as response,
            ):
                if response.status in self._mapping.not_found:
                    return None
                if response.status != 200:
                    raise DossierSourceUnavailable(f"http_{response.status}")
                body = await _body(response)
        except TimeoutError:
            raise DossierSourceUnavailable("timeout") from None
        except (aiohttp.ClientError, OSError) as error:
            raise DossierSourceUnavailable(type(error).__name__) from None
        return self._record(code, body)

    def _record(self, code: str, body: bytes) -> DossierRecord | None:
        try:
            dossier = _at(json.loads(body), self._mapping.root)
        except ValueError:
            raise DossierSourceUnavailable("not_json") from None
        if dossier in (None, [], {}):
            return None
        if isinstance(dossier, list):
            dossier = dossier[0]
        value = {ours: _at(dossier, theirs) for ours, theirs in self._mapping.fields.items()}
        try:
            return DossierRecord(
                code=read_code(str(value["code"] or code)),
                procedure=_text(value["procedure"]),
                agency=_text(value["agency"]),
                applicant=_text(value["applicant"]),
                state=self._state(value["state"]),
                received_on=_date(value["received_on"]),
                due_on=_date(value["due_on"]) if value.get("due_on") else None,
                phone_last4=_last4(value.get("phone")),
                id_last4=_last4(value.get("id_number")),
                note=str(value["note"]) if value.get("note") else None,
            )
        except ValueError as error:
            raise DossierSourceUnavailable(f"unreadable_{error}"[:60]) from None

    def _state(self, value: Any) -> int:
        state = self._mapping.states.get(str(value))
        if state is None:
            state = int(value) if str(value).isdigit() else 0
        if not 1 <= state <= 10:
            raise ValueError("state")
        return state


async def _body(response: aiohttp.ClientResponse) -> bytes:
    body = b""
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_ANSWER_BYTES:
            raise DossierSourceUnavailable("too_large")
    return body


def _at(document: Any, path: str) -> Any:
    """The value at a dotted path (`data.0.code`), or None."""
    for step in path.split(".") if path else ():
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isdigit() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def _text(value: Any) -> str:
    if value is None or isinstance(value, (dict, list)):
        raise ValueError("text")
    return str(value).strip()


def _date(value: Any) -> date:
    text = str(value or "").strip()
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        pass
    for pattern in DATE_FORMATS:
        try:
            return datetime.strptime(text, pattern).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise ValueError("date")


def _last4(value: Any) -> str | None:
    digits = "".join(letter for letter in str(value or "") if letter.isdigit())
    return digits[-4:] if len(digits) >= 4 else None
