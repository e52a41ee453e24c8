"""`caunoi doctor`: what is set up, what is wrong, and how to mend it."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import click
from pydantic import SecretStr, ValidationError
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from actions import local_edits
from actions.local_facts import LocalTableInvalid
from actions.sealing import Seal, SealBroken, is_sealed
from actions.table_files import Edits
from bot.bootstrap import NoModel, newest_model
from bot.channels.zalo_oa.tokens import ACCESS_TOKEN
from bot.cli.findings import Finding, good, off, problem, tell, words
from bot.cli.reachability import host_of, outside_systems
from bot.clock import utc_now
from bot.secret_key import key_file, known_key
from bot.settings import Settings
from nlu import archive
from store.engine import Database, UnsupportedDatabase, database_url
from store.messages import ChannelSecret
from store.migrate import schema_versions
from store.staff import Officer

TELEGRAM_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
ZALO_OA_SETTINGS = (
    "zalo_oa_app_id",
    "zalo_oa_app_secret",
    "zalo_oa_secret_key",
    "zalo_oa_refresh_token",
)


@click.command("doctor", short_help="Check the set-up and say how to mend it.")
def command() -> None:
    """Check configuration, database, model and every configured messenger; change nothing."""
    try:
        settings = Settings()
    except ValidationError as error:
        sys.exit(report_bad_settings(error, sys.stdout))
    sys.exit(run_doctor(settings, sys.stdout))


def run_doctor(settings: Settings, out: TextIO) -> int:
    """Check everything, tell it in Vietnamese, and change nothing.

    Returns:
        The exit code: 0 when there is nothing to mend, 1 otherwise.
    """
    print(words()["title"], file=out)
    findings = asyncio.run(_collect(settings))
    problems = tell(findings, out)
    print(f"\n{words()['settings_title']}:", file=out)
    for name in Settings.model_fields:
        print(f"  {name.upper()} = {shown(settings, name)}", file=out)
    return 1 if problems else 0


def report_bad_settings(error: ValidationError, out: TextIO) -> int:
    """Tell which settings cannot be read at all; their values stay unsaid. Returns 1."""
    print(words()["title"], file=out)
    findings = [
        problem(
            "setting_unreadable",
            name=".".join(str(part) for part in line["loc"]).upper(),
            reason=line["msg"],
        )
        for line in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    tell(findings, out)
    return 1


def shown(settings: Settings, name: str) -> str:
    """A setting's value as it may be shown: no secret, and of an address no password or query."""
    value = getattr(settings, name)
    if value is None or value == "":
        return str(words()["unset"])
    if isinstance(value, SecretStr):
        return str(words()["hidden"])
    if name == "database_url":
        return _shown_database(settings)
    if name.endswith("_url"):
        return host_of(str(value))
    return str(value)


async def _collect(settings: Settings) -> list[Finding]:
    findings = [
        *_configuration(settings),
        *_database(settings),
        *_second_factors(settings),
        *_model(settings),
    ]
    token = _stored_zalo_token(settings)
    findings += [finding async for finding in outside_systems(settings, token)]
    return findings


def _configuration(settings: Settings) -> Iterator[Finding]:
    yield _data_dir(settings.data_dir)
    yield from _local_tables(settings)
    if settings.public_url.startswith("https://"):
        yield good("public_url_ok", url=host_of(settings.public_url))
    elif settings.public_url:
        yield problem("public_url_not_https")
    yield good("public_cases_on") if settings.public_cases_on else off("public_cases_off")
    yield good("web_ok")
    yield from _telegram_settings(settings)
    yield from _zalo_settings(settings)


def _data_dir(folder: Path) -> Finding:
    existing = folder.resolve()
    while not existing.exists():
        existing = existing.parent
    if existing.is_dir() and os.access(existing, os.W_OK | os.X_OK):
        return good("data_dir_ok", path=folder)
    return problem("data_dir_unwritable", path=folder)


def _local_tables(settings: Settings) -> Iterator[Finding]:
    """The files of the province, and what the desk has changed in them."""
    folder = settings.local_dir
    if not folder.is_dir():
        yield problem("local_data_missing", path=folder)
        return
    edits = _stored_edits(settings)
    try:
        _, skipped = local_edits.load(folder, edits)
    except LocalTableInvalid as error:
        yield problem("local_data_invalid", reason=error)
        return
    yield good("local_data_ok", province=settings.province)
    if edits and not skipped:
        yield good("local_edits_ok", count=len(edits))
    for edit in skipped:
        table, row = edit.at
        column = edit.error.column or "–"
        yield problem("local_edit_unusable", table=table, row=row, column=column)


def _stored_edits(settings: Settings) -> Edits:
    """The desk's edits; none while there is no database that can be read."""
    try:
        if _has_no_file_yet(settings):
            return {}
        database = Database(settings.effective_database_url)
    except UnsupportedDatabase:
        return {}
    try:
        with database.read() as session:
            return local_edits.read(session)
    except SQLAlchemyError:
        return {}
    finally:
        database.dispose()


def _telegram_settings(settings: Settings) -> Iterator[Finding]:
    if not settings.telegram_on:
        if settings.telegram_staff_chat_id is not None:
            yield problem("telegram_staff_without_token")
        return
    secret = settings.telegram_webhook_secret
    if secret is not None and not TELEGRAM_SECRET.fullmatch(secret.get_secret_value()):
        yield problem("telegram_secret_unusable")
    if settings.telegram_mode == "webhook":
        needed = {"PUBLIC_URL": settings.public_url, "TELEGRAM_WEBHOOK_SECRET": secret}
        missing = [name for name, value in needed.items() if not value]
        if missing:
            yield problem("telegram_webhook_incomplete", names=", ".join(missing))


def _zalo_settings(settings: Settings) -> Iterator[Finding]:
    missing = [name.upper() for name in ZALO_OA_SETTINGS if not getattr(settings, name)]
    if len(missing) == len(ZALO_OA_SETTINGS):
        yield off("zalo_oa_off")
    elif missing:
        yield problem("zalo_oa_incomplete", names=", ".join(missing))


def _database(settings: Settings) -> Iterator[Finding]:
    name = _shown_database(settings)
    try:
        if _has_no_file_yet(settings):
            yield off("database_absent", database=name)
            return
        database = Database(settings.effective_database_url)
    except UnsupportedDatabase:
        yield problem("database_unsupported")
        return
    try:
        database.ping()
        current, newest = schema_versions(database)
    except SQLAlchemyError as error:
        yield problem("database_unreachable", database=name, error=type(error).__name__)
        return
    finally:
        database.dispose()
    if current == newest:
        yield good("database_ok", database=name)
    elif current is None:
        yield off("database_empty", database=name)
    else:
        yield problem("database_outdated", database=name, current=current, newest=newest)


def _second_factors(settings: Settings) -> Iterator[Finding]:
    """Whether the key at hand opens what was sealed with it."""
    kept = _stored_second_factors(settings)
    if not kept:
        return
    key = known_key(settings)
    seal = Seal(key) if key is not None else None
    shut = sum(1 for secret in kept if not _opens(seal, secret))
    if shut:
        yield problem("secret_key_unfit", count=shut, path=key_file(settings))
    else:
        yield good("secret_key_ok", count=len(kept))


def _opens(seal: Seal | None, secret: str) -> bool:
    try:
        return seal is not None and bool(seal.open(secret))
    except SealBroken:
        return False


def _stored_second_factors(settings: Settings) -> list[str]:
    """The sealed secrets of officers; none while there is no database that can be read."""
    try:
        if _has_no_file_yet(settings):
            return []
        database = Database(settings.effective_database_url)
    except UnsupportedDatabase:
        return []
    try:
        with database.read() as session:
            secrets = session.scalars(select(Officer.totp_secret)).all()
            return [one for one in secrets if one is not None and is_sealed(one)]
    except SQLAlchemyError:
        return []
    finally:
        database.dispose()


def _has_no_file_yet(settings: Settings) -> bool:
    """Whether opening the database would create its file, which a check must not do."""
    url = database_url(settings.effective_database_url)
    if url.get_backend_name() != "sqlite":
        return False
    return not url.database or not Path(url.database).exists()


def _shown_database(settings: Settings) -> str:
    """The database's name and place, without user, password and options."""
    try:
        url = database_url(settings.effective_database_url)
    except UnsupportedDatabase:
        return str(words()["hidden"])
    if url.get_backend_name() == "sqlite":
        return f"sqlite:///{url.database}"
    port = f":{url.port}" if url.port else ""
    return f"postgresql://{url.host or ''}{port}/{url.database}"


def _stored_zalo_token(settings: Settings) -> str | None:
    """The access token that the server keeps; None when there is none that still lasts."""
    try:
        if _has_no_file_yet(settings):
            return None
        database = Database(settings.effective_database_url)
    except UnsupportedDatabase:
        return None
    try:
        with database.read() as session:
            row = session.get(ChannelSecret, ACCESS_TOKEN)
            if row is None or (row.expires_at is not None and row.expires_at <= utc_now()):
                return None
            return row.value
    except SQLAlchemyError:
        return None
    finally:
        database.dispose()


def _model(settings: Settings) -> Iterator[Finding]:
    if settings.nlu_url:
        return
    try:
        path = settings.model or newest_model()
    except NoModel:
        yield problem("model_missing")
        return
    try:
        archive.load(path)
    except archive.ForeignComponent as error:
        yield problem("model_foreign", path=path, component=error.component)
        return
    except archive.ArchiveUnreadable:
        yield problem("model_unreadable", path=path)
        return
    yield good("model_ok", path=path)
