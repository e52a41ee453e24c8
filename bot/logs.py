"""Logging that says what failed and where, and never what a person wrote."""

from __future__ import annotations

import logging
import traceback

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_TOO_TALKATIVE = ("httpx", "httpcore", "aiohttp.access", "alembic", "telegram")
"""Libraries that log addresses (with tokens in them) or every request."""


def set_up_logging(level: str = "INFO") -> None:
    logging.basicConfig(level=level, format=LOG_FORMAT)
    for name in _TOO_TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def log_failure(log: logging.Logger, what: str, error: BaseException) -> None:
    """Log an exception by its type and the lines it passed through, without its message.

    The message of an exception may quote its input, and the input may be a citizen's words.
    """
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in reversed(frames[-6:]))
    log.error("%s failed: %s at %s", what, type(error).__name__, where)
