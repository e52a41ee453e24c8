"""Settings come from the environment or a file, and are told about without their values."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings, describe_errors, settings_help


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_nothing_need_be_set() -> None:
    settings = Settings()
    assert (settings.host, settings.telegram_on, settings.zalo_oa_on) == ("127.0.0.1", False, False)
    assert settings.effective_database_url == "sqlite:///var/caunoi.db"


def test_the_environment_beats_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PORT=9001\nHOST=127.0.0.9\n")
    monkeypatch.setenv("PORT", "9002")
    settings = Settings()
    assert (settings.port, settings.host) == (9002, "127.0.0.9")


def test_an_empty_variable_is_one_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "")
    monkeypatch.setenv("TELEGRAM_STAFF_CHAT_ID", "")
    assert not Settings().telegram_on


def test_a_wrong_value_is_named_without_being_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "s3cret")
    with pytest.raises(ValidationError) as caught:
        Settings()
    told = describe_errors(caught.value)
    assert "PORT" in told
    assert "s3cret" not in told


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TELEGRAM_TOKEN", "12:geheim")
    assert "geheim" not in repr(Settings())


def test_help_lists_every_setting() -> None:
    listed = {line.split()[0] for line in settings_help().splitlines()}
    assert listed == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize(
    "tiles", ["javascript:alert(1)", "https://tiles.example.vn", "https://a b/{z}"]
)
def test_tiles_of_maps_are_an_address_with_places_for_numbers(
    monkeypatch: pytest.MonkeyPatch, tiles: str
) -> None:
    monkeypatch.setenv("MAP_TILES", tiles)
    with pytest.raises(ValidationError):
        Settings(_env_file=None)
    monkeypatch.setenv("MAP_TILES", "https://{s}.tiles.example.vn/{z}/{x}/{y}.png")
    assert Settings(_env_file=None).map_tiles.startswith("https://{s}.")
