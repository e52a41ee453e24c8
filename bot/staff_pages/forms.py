"""Reading what officers send with a form."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web

from bot.channels.web.uploads import kind_of
from bot.media import MediaStore, NotAPicture
from bot.messages import StoredMedia
from bot.storable import number, storable

SMALL_FORM = 64 * 1024
"""Bytes of a form without files."""

MAX_TEXT = 4000
"""Characters of a reply; the templates' fields have the same limit."""

MAX_FILES = 5


class TextTooLong(ValueError):
    """A text of more than MAX_TEXT characters."""


class TooManyFiles(ValueError):
    """More than MAX_FILES files with one form."""


PROBLEMS: dict[type[Exception], str] = {
    TextTooLong: "too_long",
    TooManyFiles: "too_many_files",
    NotAPicture: "not_a_picture",
}
"""What is wrong with a form itself, and what the templates call it."""


@dataclass(frozen=True)
class Form:
    """A form's texts, and its files by name and bytes.

    `lists` holds every value of each field, for those that are sent more than once.
    """

    texts: dict[str, str]
    files: tuple[tuple[str, bytes], ...] = ()
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A field with its line ends as ours; empty when it was not sent."""
        return self.texts.get(name, "").replace("\r\n", "\n").strip()

    def many(self, name: str) -> tuple[str, ...]:
        """Every value of a field, in the order of the page."""
        return self.lists.get(name, ())

    def number(self, name: str) -> int:
        """A field that holds a number; 0 for anything else."""
        return number(self.texts.get(name, ""))


def words(form: Form, name: str) -> str:
    """A text for the citizen; raises TextTooLong."""
    text = form.text(name)
    if len(text) > MAX_TEXT:
        raise TextTooLong
    return text


async def read_form(request: web.Request, *, limit: int | None = None) -> Form:
    """The form of a request, of at most `limit` bytes.

    Raises:
        web.HTTPRequestEntityTooLarge: it is larger.
        web.HTTPBadRequest: it cannot be read.
    """
    if limit is not None:
        request = request.clone(client_max_size=limit)
    try:
        posted = await request.post()
    except (ValueError, LookupError, AssertionError, RuntimeError):
        # Among them: a set of characters, or an encoding of a part, that nobody knows.
        raise web.HTTPBadRequest from None
    given = [(name, storable(value)) for name, value in posted.items() if isinstance(value, str)]
    lists: dict[str, list[str]] = {}
    for name, value in given:
        lists.setdefault(name, []).append(value)
    files = [value for value in posted.values() if isinstance(value, web.FileField)]
    contents = await asyncio.gather(*(asyncio.to_thread(file.file.read) for file in files))
    return Form(
        texts=dict(given),
        files=tuple(
            (storable(file.filename), content)
            for file, content in zip(files, contents, strict=True)
            if content
        ),
        lists={name: tuple(values) for name, values in lists.items()},
    )


async def store_files(form: Form, store: MediaStore) -> tuple[StoredMedia, ...]:
    """Clean and keep the pictures, videos and documents of a form.

    Raises:
        TooManyFiles: more than MAX_FILES.
        NotAPicture: one of them is none of these.
    """
    if len(form.files) > MAX_FILES:
        raise TooManyFiles
    kept = [
        await asyncio.to_thread(store.add, kind_of(content), content, name)
        for name, content in form.files
    ]
    return tuple(kept)
