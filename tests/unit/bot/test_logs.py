"""Logs say what failed and where, and never what a person wrote."""

from __future__ import annotations

import io
import logging

from bot.logs import LOG_FORMAT, WithoutMessages, log_failure


def logger(out: io.StringIO) -> logging.Logger:
    handler = logging.StreamHandler(out)
    handler.setFormatter(WithoutMessages(LOG_FORMAT))
    made = logging.Logger("somebody.elses")
    made.addHandler(handler)
    return made


def failed() -> ValueError:
    try:
        raise ValueError("ổ gà trước nhà tôi")
    except ValueError as error:
        return error


def test_an_exception_that_a_library_logs_tells_its_type_and_lines_alone() -> None:
    out = io.StringIO()
    logger(out).error("Error handling request from %s", "127.0.0.1", exc_info=failed())
    assert "Error handling request from 127.0.0.1: ValueError at test_logs.py:" in out.getvalue()
    assert "ổ gà" not in out.getvalue()
    assert out.getvalue().count("\n") == 1


def test_a_failure_of_ours_is_logged_without_its_message() -> None:
    out = io.StringIO()
    log_failure(logger(out), "event 7", failed())
    assert "event 7 failed: ValueError at test_logs.py:" in out.getvalue()
    assert "ổ gà" not in out.getvalue()


def test_personal_data_in_the_words_of_a_library_are_masked() -> None:
    out = io.StringIO()
    logger(out).warning("never retrieved: ValueError('gọi %s')", "0912 345 678")
    assert "never retrieved: ValueError('gọi [số điện thoại]')" in out.getvalue()
