"""Logging that says what failed and where, and never what a person wrote."""

from __future__ import annotations

import logging
import traceback

from nlu import personal

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_TOO_TALKATIVE = ("httpx", "httpcore", "aiohttp.access", "alembic", "telegram")
"""Libraries that log addresses (with tokens in them) or every request."""


_OURS = ("bot.", "store.", "actions.", "nlu.")


class WithoutMessages(logging.Formatter):
    """Writes the exceptions that libraries log like our own: by type and lines alone.

    Our lines carry no words of people. Those of libraries might ("exception=ValueError(…)"): in
    them phone numbers, names and other personal data are masked.
    """

    def format(self, record: logging.LogRecord) -> str:
        error = record.exc_info[1] if record.exc_info else None
        changed: dict[str, object] = {"exc_info": None, "exc_text": None}
        if not record.name.startswith(_OURS):
            changed |= {"msg": personal.mask(record.getMessage()), "args": None}
        line = super().format(logging.makeLogRecord({**record.__dict__, **changed}))
        return line if error is None else f"{line}: {_type_and_lines(error)}"


def set_up_logging(level: str = "INFO") -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(WithoutMessages(LOG_FORMAT))
    logging.basicConfig(level=level, handlers=[handler])
    for name in _TOO_TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)


def log_failure(log: logging.Logger, what: str, error: BaseException) -> None:
    """Log an exception by its type and the lines it passed through, without its message.

    The message of an exception may quote its input, and the input may be a citizen's words.
    """
    log.error("%s failed: %s", what, _type_and_lines(error))


def _type_and_lines(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{f.filename.rsplit('/', 1)[-1]}:{f.lineno}" for f in reversed(frames[-6:]))
    return f"{type(error).__name__} at {where}"
