"""Files from the page, cleaned as they arrive and bound to the chat that sent them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from aiohttp import BodyPartReader, web

from bot.channels.base import MediaUnavailable
from bot.documents import TYPES, may_be_one
from bot.media import MediaStore
from bot.messages import MediaKind, MediaRef

PHOTO_LIMIT = 15 * 1024 * 1024
VIDEO_LIMIT = 20 * 1024 * 1024
"""Bytes; a Telegram bot may fetch as much, so staff see the same wherever a case came from."""

KEPT_FOR = timedelta(days=3)
"""Uploads are a waiting room: what a turn keeps is copied into the media folder by then."""

UPLOAD_SECONDS = 300
"""The longest an upload may take: 20 MB at half a megabit a second."""

UPLOADS_AT_ONCE = 32
UPLOADS_AT_ONCE_OF_CHAT = 3
CLEANED_AT_ONCE = 2
"""Unpacking a picture costs memory and a core."""

_IN_MEMORY = 512 * 1024
_KINDS: dict[str, MediaKind] = {"jpg": "photo", "mp4": "video", **dict.fromkeys(TYPES, "file")}
_REF = re.compile(rf"([0-9a-f]{{64}}\.(?:{'|'.join(_KINDS)}))~([0-9a-f]{{32}})")

_PICTURE_BRANDS = (b"hei", b"hev", b"mif", b"msf", b"avi")
"""Starts of the ISO base media brands that are pictures: HEIC, HEIF, AVIF."""


class TooLarge(ValueError):
    """A file is larger than its kind may be."""


class TooManyUploads(RuntimeError):
    """So many files are being received that this one must wait."""


def kind_of(head: bytes) -> MediaKind:
    """The kind by the first 12 bytes; whether it really is of it shows when it is cleaned."""
    if may_be_one(head):
        return "file"
    if head[4:8] == b"ftyp" and not head[8:12].startswith(_PICTURE_BRANDS):
        return "video"
    return "photo"


class Uploads:
    """The waiting room of files, in a folder of its own, with a key that signs their names.

    A ref is `<name>~<signature>`; the signature covers the chat, so a ref is worth nothing in
    another one. Raw files, with the place they were taken at, never get a name on the disk.
    """

    def __init__(self, folder: Path) -> None:
        self._store = MediaStore(folder)
        self._key: bytes | None = None
        self._receiving: dict[str, int] = {}
        self._cleaning = asyncio.Semaphore(CLEANED_AT_ONCE)

    def open(self) -> None:
        """Make the folder, and the key unless another process or an earlier start has."""
        self._store.folder.mkdir(parents=True, exist_ok=True)
        self._key = _lasting_key(self._store.folder / "signing.key")

    async def receive(self, chat_id: str, part: BodyPartReader) -> MediaRef:
        """Take a file in, clean it and keep it.

        Raises:
            TooLarge, TooManyUploads, TimeoutError: as they say.
            NotAPicture: it is nothing that is taken.
        """
        async with self._place_for(chat_id), asyncio.timeout(UPLOAD_SECONDS):
            with tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(self._store.folder)) as file:
                kind = await _spool(part, file)
                async with self._cleaning:
                    stored = await asyncio.to_thread(self._clean, kind, file)
        return self.ref(chat_id, stored.rpartition("/")[2])

    def ref(self, chat_id: str, name: str) -> MediaRef:
        """How a chat names a file of its own."""
        return _media_ref(name, self._sign(chat_id, name))

    def of_chat(self, chat_id: str, ref: str) -> MediaRef | None:
        """The file of a ref, or None when this chat has uploaded no such file."""
        found = _REF.fullmatch(ref)
        if found is None or not hmac.compare_digest(found[2], self._sign(chat_id, found[1])):
            return None
        return _media_ref(found[1], found[2])

    def path(self, ref: str) -> Path:
        """Where the file of a ref is.

        Raises:
            FileNotFoundError: it is no ref, or the file has been cleared away.
        """
        found = _REF.fullmatch(ref)
        if found is None:
            raise FileNotFoundError(ref)
        return self._store.path(f"{found[1][:2]}/{found[1]}")

    def read(self, ref: str, limit: int) -> bytes:
        """The bytes of a file, at most `limit`.

        Raises:
            MediaUnavailable: it has been cleared away, or is larger.
        """
        try:
            path = self.path(ref)
            if path.stat().st_size > limit:
                raise MediaUnavailable("file_too_big", again=False)
            return path.read_bytes()
        except FileNotFoundError:
            raise MediaUnavailable("upload_gone", again=False) from None

    def discard(self, ref: str) -> None:
        """Remove the file of a ref; nothing happens when it is gone already."""
        with suppress(FileNotFoundError):
            self.path(ref).unlink()

    def clear(self, now: datetime) -> None:
        """Remove what was uploaded longer ago than `KEPT_FOR`."""
        oldest = (now - KEPT_FOR).timestamp()
        for path in self._store.folder.glob("??/*"):
            try:
                if path.stat().st_mtime < oldest:
                    path.unlink()
            except FileNotFoundError:
                continue  # another process was quicker

    @asynccontextmanager
    async def _place_for(self, chat_id: str) -> AsyncIterator[None]:
        mine = self._receiving.get(chat_id, 0)
        if mine >= UPLOADS_AT_ONCE_OF_CHAT or sum(self._receiving.values()) >= UPLOADS_AT_ONCE:
            raise TooManyUploads
        self._receiving[chat_id] = mine + 1
        try:
            yield
        finally:
            self._receiving[chat_id] -= 1
            if not self._receiving[chat_id]:
                del self._receiving[chat_id]

    def _clean(self, kind: MediaKind, file: IO[bytes]) -> str:
        file.seek(0)
        stored = self._store.add(kind, file.read())
        self._store.path(stored.path).touch()  # the same file again: its days begin anew
        return stored.path

    def _sign(self, chat_id: str, name: str) -> str:
        if self._key is None:
            raise RuntimeError("Uploads.open was not called")
        return hmac.new(self._key, f"{chat_id}/{name}".encode(), hashlib.sha256).hexdigest()[:32]


def _media_ref(name: str, signature: str) -> MediaRef:
    return MediaRef(kind=_KINDS[name.rpartition(".")[2]], ref=f"{name}~{signature}")


async def _spool(part: BodyPartReader, file: IO[bytes]) -> MediaKind:
    kind: MediaKind | None = None
    head, size = b"", 0
    while chunk := await part.read_chunk(64 * 1024):
        if kind is None:
            head += chunk[:12]
            kind = kind_of(head) if len(head) >= 12 else None
        size += len(chunk)
        if size > (VIDEO_LIMIT if kind in ("video", "file") else PHOTO_LIMIT):
            raise TooLarge
        file.write(chunk)
    return kind or "photo"


def _lasting_key(path: Path) -> bytes:
    if not path.exists():
        with tempfile.NamedTemporaryFile(dir=path.parent) as file:  # readable by its owner only
            file.write(secrets.token_bytes(32))
            file.flush()
            os.fsync(file.fileno())
            with suppress(FileExistsError):  # another process started at the same moment
                os.link(file.name, path)
    return path.read_bytes()


async def file_of(request: web.Request) -> BodyPartReader:
    """The field `file` of a multipart form.

    Raises:
        web.HTTPBadRequest: the body is no such form.
    """
    if not request.content_type.startswith("multipart/"):
        raise web.HTTPBadRequest(text="not a multipart form")
    try:
        async for part in await request.multipart():
            if isinstance(part, BodyPartReader) and part.name == "file":
                return part
    except ValueError:
        pass
    raise web.HTTPBadRequest(text="no field 'file'")
