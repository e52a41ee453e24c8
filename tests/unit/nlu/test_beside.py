from __future__ import annotations

import os
import platform

import pytest

from nlu.beside import NothingCameBack, beside


def test_the_work_is_done_and_its_result_comes_back() -> None:
    assert beside(lambda: sum(range(10)))() == 45


def test_a_result_too_long_for_a_pipe_at_once_comes_back_whole() -> None:
    assert len(beside(lambda: bytes(5_000_000))()) == 5_000_000


def test_without_copies_of_the_process_the_work_is_done_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Darwin")
    assert beside(os.getpid)() == os.getpid()


def test_a_second_process_that_dies_does_not_keep_the_first_waiting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    with pytest.raises(NothingCameBack):
        beside(lambda: os._exit(1))()
