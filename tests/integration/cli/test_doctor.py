import io
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from pydantic import ValidationError

from actions.sealing import Seal
from bot.bootstrap import NoModel
from bot.channels.zalo_oa.tokens import ACCESS_TOKEN
from bot.cli import doctor
from bot.cli.findings import Finding, good, words
from bot.clock import utc_now
from bot.settings import ROOT, Settings
from nlu import archive
from store.desk import LocalEdit
from store.engine import Database
from store.messages import ChannelSecret
from store.migrate import migrate
from store.staff import Officer


@pytest.fixture(autouse=True)
def a_model_that_loads(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loading a real model is tested where models are; here it is there and fine."""
    monkeypatch.setattr(doctor, "newest_model", lambda: Path("models/now.tar.gz"))
    monkeypatch.setattr(archive, "load", lambda path: path)


def examine(data_dir: Path, **values: Any) -> tuple[int, str]:
    settings = Settings(_env_file=None, data_dir=data_dir, **values)
    out = io.StringIO()
    return doctor.run_doctor(settings, out), out.getvalue()


def test_a_fresh_checkout_has_nothing_to_mend(tmp_path: Path) -> None:
    code, told = examine(tmp_path / "var")
    assert code == 0
    assert words()["all_good"] in told
    assert "caunoi serve sẽ tạo khi chạy lần đầu" in told


def test_a_bad_edit_of_a_table_is_named_with_table_row_and_field(
    tmp_path: Path, database_url: str
) -> None:
    database = Database(database_url)
    migrate(database)
    good_row = {"code": "cay-xanh", "name": "Tổ cây xanh"}
    bad_row = {"category": "land", "urgency": "normal", "clock": "moon"}
    with database.write() as session:
        for table, key, row in (
            ("teams", "cay-xanh", good_row),
            ("deadlines", "land,normal", bad_row),
        ):
            session.add(LocalEdit(table_name=table, key=key, row=row, changed_at=utc_now()))
    code, told = examine(tmp_path, database_url=database_url)
    assert code == 1
    assert "bảng deadlines, dòng land,normal, mục clock" in told
    with database.write() as session:
        session.query(LocalEdit).filter_by(table_name="deadlines").delete()
    database.dispose()
    code, told = examine(tmp_path, database_url=database_url)
    assert code == 0
    assert "1 dòng của bảng địa phương" in told


def test_a_bad_file_of_the_province_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "data", tmp_path / "data", ignore=shutil.ignore_patterns("nlu"))
    hours = tmp_path / "data" / "local" / "an_giang" / "working_hours.csv"
    hours.write_text("opens,closes\n13:00,07:00\n", encoding="utf-8")
    monkeypatch.setattr("bot.settings.ROOT", tmp_path)
    code, told = examine(tmp_path / "var")
    assert code == 1
    assert "working_hours.csv" in told


def test_it_says_whether_cases_are_public(tmp_path: Path) -> None:
    assert "Trang phản ánh công khai đang bật" in examine(tmp_path)[1]
    code, told = examine(tmp_path, public_cases="off")
    assert code == 0
    assert "Trang phản ánh công khai đang tắt" in told
    assert "PUBLIC_CASES = off" in told


def test_examining_creates_no_database(tmp_path: Path) -> None:
    examine(tmp_path / "var")
    assert not (tmp_path / "var").exists()


def test_a_migrated_database_is_good(tmp_path: Path, database_url: str) -> None:
    database = Database(database_url)
    migrate(database)
    database.dispose()
    code, told = examine(tmp_path, database_url=database_url)
    assert code == 0
    assert "cấu trúc mới nhất" in told


def test_an_empty_database_is_no_problem(tmp_path: Path, unmigrated_postgres_url: str) -> None:
    code, told = examine(tmp_path, database_url=unmigrated_postgres_url)
    assert code == 0
    assert "còn trống" in told


def test_a_database_of_another_version_is_a_problem(tmp_path: Path, sqlite_url: str) -> None:
    database = Database(sqlite_url)
    migrate(database)
    database.dispose()
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'older'")
    code, told = examine(tmp_path, database_url=sqlite_url)
    assert code == 1
    assert "cấu trúc older" in told


def test_a_database_that_does_not_answer_is_told_without_its_password(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    url = f"postgresql://role:s3cret@127.0.0.1:{unused_tcp_port}/caunoi"
    code, told = examine(tmp_path, database_url=url)
    assert code == 1
    assert f"postgresql://127.0.0.1:{unused_tcp_port}/caunoi" in told
    assert "s3cret" not in told


def test_a_kind_of_database_that_we_do_not_run_on_is_a_problem(tmp_path: Path) -> None:
    code, told = examine(tmp_path, database_url="mysql://role:s3cret@127.0.0.1/x")
    assert code == 1
    assert words()["database_unsupported"]["says"] in told
    assert "s3cret" not in told


def test_a_key_that_opens_no_second_factor_is_a_problem(tmp_path: Path, database_url: str) -> None:
    database = Database(database_url)
    migrate(database)
    sealed = Seal("0123456789" * 4).close("JBSWY3DPEHPK3PXP")
    with database.write() as session:
        for name, secret in (("lan", sealed), ("minh", "JBSWY3DPEHPK3PXP"), ("hoa", None)):
            session.add(Officer(username=name, name=name, created_at=utc_now(), totp_secret=secret))
    database.dispose()
    code, said = examine(tmp_path, database_url=database_url)
    assert code == 1
    assert "mã xác nhận của 1 cán bộ không đọc được" in said
    assert not (tmp_path / "secret-key").exists()
    assert examine(tmp_path, database_url=database_url, secret_key="x" * 32)[0] == 1
    (tmp_path / "secret-key").write_text("0123456789" * 4 + "\n")
    code, said = examine(tmp_path, database_url=database_url)
    assert (code, "mở được mã xác nhận của 1 cán bộ" in said) == (0, True)


def test_a_missing_model_says_how_to_make_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> Path:
        raise NoModel

    monkeypatch.setattr(doctor, "newest_model", none)
    code, told = examine(tmp_path)
    assert code == 1
    assert "make train" in told


@pytest.mark.parametrize(
    ("error", "told_of"),
    [
        (archive.ArchiveUnreadable("cut short"), "tệp hỏng"),
        (archive.ForeignComponent("DIETClassifier"), "NLU_URL"),
    ],
)
def test_a_model_that_cannot_be_loaded_is_a_problem(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, told_of: str
) -> None:
    def broken(_path: Path) -> None:
        raise error

    monkeypatch.setattr(archive, "load", broken)
    code, told = examine(tmp_path, model=tmp_path / "broken.tar.gz")
    assert code == 1
    assert "broken.tar.gz" in told
    assert told_of in told


def test_a_data_dir_that_is_a_file_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "var").touch()
    code, told = examine(tmp_path / "var")
    assert code == 1
    assert "Không ghi được" in told


def test_an_unknown_province_is_a_problem(tmp_path: Path) -> None:
    code, told = examine(tmp_path, province="atlantis")
    assert code == 1
    assert "PROVINCE" in told


def test_a_half_configured_zalo_names_what_is_missing(tmp_path: Path) -> None:
    code, told = examine(tmp_path, zalo_oa_app_id="1", zalo_oa_secret_key="k")
    assert code == 1
    assert "thiếu ZALO_OA_APP_SECRET, ZALO_OA_REFRESH_TOKEN" in told


@pytest.mark.parametrize(("hours", "sent"), [(1, "kept-token"), (-1, None)])
def test_only_a_stored_zalo_token_that_still_lasts_is_tried(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hours: int, sent: str | None
) -> None:
    database = Database(sqlite_url)
    migrate(database)
    now = utc_now()
    with database.write() as session:
        session.add(
            ChannelSecret(
                name=ACCESS_TOKEN,
                value="kept-token",
                expires_at=now + timedelta(hours=hours),
                updated_at=now,
            )
        )
    database.dispose()
    tried: list[str | None] = []

    async def outside(_settings: Settings, token: str | None) -> AsyncIterator[Finding]:
        tried.append(token)
        yield good("zalo_oa_ok")

    monkeypatch.setattr(doctor, "outside_systems", outside)
    examine(tmp_path, database_url=sqlite_url)
    assert tried == [sent]


def test_a_webhook_without_its_settings_names_what_is_missing(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    code, told = examine(
        tmp_path,
        telegram_token="1:t",
        telegram_api_url=f"http://127.0.0.1:{unused_tcp_port}",
        telegram_mode="webhook",
    )
    assert code == 1
    assert "thiếu PUBLIC_URL, TELEGRAM_WEBHOOK_SECRET" in told


def test_a_webhook_secret_that_telegram_refuses_is_a_problem(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    _, told = examine(
        tmp_path,
        telegram_token="1:t",
        telegram_api_url=f"http://127.0.0.1:{unused_tcp_port}",
        telegram_webhook_secret="bí mật",
    )
    assert words()["telegram_secret_unusable"]["says"] in told
    assert "bí mật" not in told


def test_a_staff_group_without_a_bot_is_a_problem(tmp_path: Path) -> None:
    code, told = examine(tmp_path, telegram_staff_chat_id=-1)
    assert code == 1
    assert words()["telegram_staff_without_token"]["says"] in told


@pytest.mark.parametrize(
    ("url", "key", "code"),
    [("https://caunoi.example", "public_url_ok", 0), ("http://x", "public_url_not_https", 1)],
)
def test_the_public_address_must_be_https(tmp_path: Path, url: str, key: str, code: int) -> None:
    assert examine(tmp_path, public_url=url)[0] == code


def test_every_setting_is_listed_and_no_secret_is_shown(
    tmp_path: Path, unused_tcp_port: int
) -> None:
    secrets = {
        name: f"secret-{name}".ljust(32, "-")
        for name, field in Settings.model_fields.items()
        if "SecretStr" in str(field.annotation)
    }
    api = f"http://127.0.0.1:{unused_tcp_port}"
    _, told = examine(
        tmp_path, zalo_oa_app_id="1", telegram_api_url=api, zalo_openapi_url=api, **secrets
    )
    for name in Settings.model_fields:
        assert f"{name.upper()} = " in told
    for value in secrets.values():
        assert value not in told


def test_settings_that_cannot_be_read_are_named_without_their_values() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings(_env_file=None, port="s3cret")
    out = io.StringIO()
    assert doctor.report_bad_settings(caught.value, out) == 1
    assert "PORT" in out.getvalue()
    assert "s3cret" not in out.getvalue()


def test_the_command_ends_with_1_when_a_setting_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PORT", "s3cret")
    result = CliRunner().invoke(doctor.command)
    assert result.exit_code == 1
    assert "PORT" in result.output
    assert "s3cret" not in result.output


def test_the_command_ends_with_0_when_all_is_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    result = CliRunner().invoke(doctor.command)
    assert result.exit_code == 0
    assert words()["all_good"] in result.output


def test_every_finding_in_the_code_has_its_sentences() -> None:
    folder = Path(doctor.__file__).parent
    code = "".join((folder / f"{name}.py").read_text() for name in ("doctor", "reachability"))
    for level, key in re.findall(r"\b(good|off|problem)\(\s*\"(\w+)\"", code):
        sentences = words()[key]
        assert sentences["says"]
        assert level != "problem" or sentences["mend"]
