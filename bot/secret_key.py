"""The key that encrypts officers' second factors: from the settings, else a file in DATA_DIR."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from bot.settings import Settings

KEY_BYTES = 32


class SecretKeyEmpty(RuntimeError):
    """The file of the key is there, and nothing is in it."""


def key_file(settings: Settings) -> Path:
    return settings.data_dir / "secret-key"


def known_key(settings: Settings) -> str | None:
    """The key that is set, or that an earlier start has made; None without either."""
    if settings.secret_key is not None:
        return settings.secret_key.get_secret_value()
    with suppress(FileNotFoundError):
        return key_file(settings).read_text(encoding="utf-8").strip() or None
    return None


def key_of(settings: Settings) -> str:
    """The key; where there is none, one is made and kept for the next start.

    Servers that share a DATA_DIR may start together: the first to make one has made it for all.

    Raises:
        SecretKeyEmpty: with what to do about it.
    """
    known = known_key(settings)
    if known is not None:
        return known
    file = key_file(settings)
    file.parent.mkdir(parents=True, exist_ok=True)
    mine = file.with_name(f"{file.name}.{secrets.token_hex(8)}")
    with os.fdopen(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(secrets.token_urlsafe(KEY_BYTES) + "\n")
    try:
        os.link(mine, file)
    except FileExistsError:
        pass
    except OSError:  # a file system without hard links
        mine.replace(file)
    mine.unlink(missing_ok=True)
    made = known_key(settings)
    if made is None:
        raise SecretKeyEmpty(f"{file} is empty: put it back from a backup, or remove it")
    return made
