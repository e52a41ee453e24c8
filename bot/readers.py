"""Who reads a message: the model in this process, or a Rasa server that runs the same model."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import aiohttp

from nlu import archive
from nlu.conclusion import nothing_understood
from nlu.reading import READ_LIMIT, readable
from nlu.understanding import Act, Entity, Label, Span, Understanding

# Up to this length a text is parsed right in the event loop: some milliseconds at most. A longer
# one goes to a thread, so that it keeps nobody waiting.
DIRECT_LIMIT = 400

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=3)

# Rasa takes a message that starts with "/" for an intent forged by its sender. An invisible
# character before it, which our normaliser drops, keeps it a message.
ESCAPE = "\u200b"


class ReaderUnavailable(RuntimeError):
    """The server that parses does not answer, or not with a parse."""


class Reader(Protocol):
    """Understands messages."""

    @property
    def description(self) -> str:
        """What reads, in a few words for the operator."""

    async def understand(self, text: str) -> Understanding:
        """What the text says; any text, of any length, blank ones too.

        Raises:
            ReaderUnavailable: the server that parses is out of reach.
        """

    async def ready(self) -> bool:
        """Whether a message could be understood now."""

    async def close(self) -> None:
        """Let go of connections and threads."""


class EmbeddedReader:
    """Reads with a model archive loaded into this process."""

    def __init__(self, model: Path) -> None:
        """Load the archive.

        Raises:
            nlu.archive.ForeignComponent: the archive needs a Rasa server.
            nlu.archive.ArchiveUnreadable: the file is no model archive.
        """
        self._model = model
        self._pipeline = archive.load(model)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reader")

    @property
    def description(self) -> str:
        return f"{self._model.name}, in this process"

    async def understand(self, text: str) -> Understanding:
        if len(text) <= DIRECT_LIMIT:
            return self._pipeline.parse(text)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._pipeline.parse, text)

    async def ready(self) -> bool:
        return True  # loaded when it was made

    async def close(self) -> None:
        self._thread.shutdown(wait=False)


class RasaServerReader:
    """Reads by asking a Rasa server (`rasa run --enable-api`)."""

    def __init__(self, url: str, timeout: aiohttp.ClientTimeout = TIMEOUT) -> None:
        self._url = url.rstrip("/")
        self._timeout = timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def description(self) -> str:
        return f"Rasa server at {self._url}"

    async def understand(self, text: str) -> Understanding:
        text = readable(text[:READ_LIMIT])
        asked = text.strip()
        if not asked:
            return nothing_understood(text)
        shift = len(text) - len(text.lstrip())
        if asked.startswith("/"):
            asked = ESCAPE + asked
            shift -= len(ESCAPE)
        parsed = await self._parse(asked)
        try:
            return _understanding(text, parsed, shift)
        except (KeyError, TypeError, ValueError) as error:
            raise ReaderUnavailable(
                f"the answer of the Rasa server is not a parse: {error!r}"
            ) from error

    async def ready(self) -> bool:
        try:
            async with self._client().get(f"{self._url}/status") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session

    async def _parse(self, text: str) -> dict[str, Any]:
        url = f"{self._url}/model/parse"
        try:
            async with self._client().post(url, json={"text": text}) as answer:
                if answer.status != 200:
                    raise ReaderUnavailable(f"the Rasa server answers with HTTP {answer.status}")
                parsed = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise ReaderUnavailable(f"the Rasa server does not answer: {error!r}") from error
        if not isinstance(parsed, dict):
            raise ReaderUnavailable("the answer of the Rasa server is not a parse")
        return parsed

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def _understanding(text: str, parsed: dict[str, Any], shift: int) -> Understanding:
    """The parse as ours; what a model without our components lacks gets the plainest value."""
    size = len(text)

    def place(offset: Any) -> int:
        return min(max(int(offset) + shift, 0), size)

    def span(start: int, end: int) -> Span:
        return Span(text[start:end], start, end)

    intent = _label(parsed["intent"])
    acts = tuple(
        Act(str(act["intent"]), act.get("category"), place(act["start"]), place(act["end"]))
        for act in parsed.get("acts") or []
    )
    category = parsed.get("category")
    urgency = parsed.get("urgency")
    return Understanding(
        text=text,
        intent=intent,
        sure=bool(parsed.get("sure", intent.confidence >= 0.5)),
        category=_label(category) if category else None,
        category_top3=tuple(_label(label) for label in parsed.get("category_top3") or []),
        urgency=_label(urgency) if urgency else Label("normal", 1.0),
        acts=acts or (Act(intent.name, None, 0, size),),
        entities=tuple(
            Entity(
                str(found["entity"]),
                str(found["value"]),
                place(found["start"]),
                place(found["end"]),
                _extra(found),
            )
            for found in parsed.get("entities") or []
        ),
        urgency_words=tuple(
            span(place(found["start"]), place(found["end"]))
            for found in parsed.get("urgency_words") or []
        ),
    )


def _label(given: dict[str, Any]) -> Label:
    return Label(str(given["name"]), float(given["confidence"]))


def _extra(found: dict[str, Any]) -> dict[str, Any]:
    usual = {"entity", "value", "start", "end", "extractor"}
    return {key: value for key, value in found.items() if key not in usual}
