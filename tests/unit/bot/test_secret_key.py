"""The key of the second factors: set, or made once and kept where only its owner reads."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bot.secret_key import SecretKeyEmpty, key_file, key_of, known_key
from bot.settings import Settings


def settings(folder: Path, **values: Any) -> Settings:
    return Settings(_env_file=None, data_dir=folder, **values)


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    mine = settings(tmp_path / "var")
    assert known_key(mine) is None
    key = key_of(mine)
    assert len(key) >= 32
    assert key_of(mine) == known_key(mine) == key
    assert stat.S_IMODE(key_file(mine).stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "var").iterdir()] == ["secret-key"]


def test_a_key_that_is_set_is_taken_and_no_file_made(tmp_path: Path) -> None:
    mine = settings(tmp_path, secret_key="k" * 32)
    assert key_of(mine) == "k" * 32
    assert list(tmp_path.iterdir()) == []


def test_a_short_key_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="32"):
        settings(tmp_path, secret_key="short")


def test_an_empty_file_is_not_taken_for_a_key(tmp_path: Path) -> None:
    key_file(settings(tmp_path)).write_text("\n")
    with pytest.raises(SecretKeyEmpty, match="backup"):
        key_of(settings(tmp_path))


def test_servers_that_start_together_have_one_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = iter(range(100))
    monkeypatch.setattr("os.getpid", lambda: next(numbers))
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: key_of(settings(tmp_path)), range(8)))
    assert len(keys) == 1
