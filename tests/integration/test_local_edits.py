"""Edits of the province's tables in several processes, at once, and at the start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actions import staff
from actions.administration import local_tables
from actions.local_facts import LocalFacts, LocalTableInvalid
from actions.table_files import EditKey, Row
from bot import live_services
from bot.bootstrap import bring_up_to_date
from bot.live_services import LiveServices
from bot.responses import Responses
from bot.settings import Settings
from bot.work import Services, UnitOfWork
from store.desk import DeskChange, LocalEdit
from store.engine import Database
from store.migrate import migrate
from store.staff import Officer
from tests.case_room import LOCAL

FOLDER = Settings(_env_file=None).local_dir
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)

LAND: EditKey = ("deadlines", "land,normal")
THREE_DAYS: Row = {
    "category": "land",
    "urgency": "normal",
    "clock": "office",
    "accept": "1d",
    "answer": "2d",
    "resolve": "3d",
}
TREES: Row = {"code": "cay-xanh", "name": "Tổ cây xanh"}
TRAFFIC: Row = {
    "category": "traffic",
    "urgency": "*",
    "commune": "*",
    "agency": "so-xay-dung",
    "agency_without_commune": "so-xay-dung",
    "team": "cay-xanh",
    "why": "",
}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    migrate(database)
    with database.write() as session:
        staff.add_officer(session, username="lan", name="Lan", password="mật khẩu dài", now=NOW)
    yield database
    database.dispose()


def change(database: Database, at: EditKey, row: Row | None) -> DeskChange | None:
    with database.write() as session:
        lan = session.query(Officer).one()
        return local_tables.change(session, FOLDER, lan, at, row, now=NOW)


def process(database: Database) -> LiveServices:
    """The part of a process that looks after its facts."""
    services = Services(
        settings=Settings(_env_file=None),
        responses=Responses({}, "none"),
        local=LOCAL,
        capabilities={},
        dossiers=None,
    )
    return LiveServices(services, database, FOLDER, {})


def days_for_land(facts: LocalFacts) -> str:
    rule = facts.deadlines("land", "normal")
    return ",".join(f"{d.amount}{d.unit}" for d in rule.durations.values())


def test_two_processes_take_up_an_edit_and_that_it_is_gone(database: Database) -> None:
    one, other = process(database), process(database)
    change(database, LAND, THREE_DAYS)
    one.refresh()
    assert days_for_land(one.current.local) == "1d,2d,3d"
    assert days_for_land(other.current.local) == "1d,3d,15d"
    other.refresh()
    assert days_for_land(other.current.local) == "1d,2d,3d"
    with database.read() as session:
        file_row = local_tables.Tables.read(session, FOLDER).file_row(*LAND)
    change(database, LAND, file_row)
    for each in (one, other):
        each.refresh()
        assert days_for_land(each.current.local) == "1d,3d,15d"


def test_facts_that_nobody_edited_are_not_loaded_again(database: Database) -> None:
    live = process(database)
    before = live.current
    live.refresh()
    assert live.current is before


def test_what_is_under_way_goes_on_with_the_facts_it_began_with(database: Database) -> None:
    live = process(database)
    with database.read() as session:
        work = UnitOfWork(live.current, session, NOW)
        change(database, ("teams", "cay-xanh"), TREES)
        live.refresh()
        assert "cay-xanh" not in work.services.local.teams
        assert "cay-xanh" in live.current.local.teams


async def test_a_running_process_looks_by_itself(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live_services, "EVERY", 0.01)
    live = process(database)
    looking = asyncio.create_task(live.run())
    await asyncio.to_thread(change, database, LAND, THREE_DAYS)
    async with asyncio.timeout(30):
        while days_for_land(live.current.local) != "1d,2d,3d":
            await asyncio.sleep(0.01)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    assert live.current.local.deadlines("land", "high") == LOCAL.deadlines("land", "high")


async def test_a_look_that_fails_is_logged_and_the_next_one_comes(
    database: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(live_services, "EVERY", 0.01)
    live = process(database)
    looks: list[int] = []
    really = live.refresh

    def refresh() -> None:
        looks.append(1)
        if len(looks) == 1:
            raise RuntimeError("xui xẻo")
        really()

    monkeypatch.setattr(live, "refresh", refresh)
    looking = asyncio.create_task(live.run())
    async with asyncio.timeout(30):
        while len(looks) < 2:
            await asyncio.sleep(0.01)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    assert "reading the edited tables" in caplog.text
    assert "xui xẻo" not in caplog.text


def test_of_two_edits_at_once_that_do_not_fit_each_other_one_is_refused(
    database: Database,
) -> None:
    change(database, ("teams", "cay-xanh"), TREES)

    def attempt(do: Callable[[], object]) -> bool:
        try:
            do()
        except LocalTableInvalid:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        done = list(
            threads.map(
                attempt,
                (
                    lambda: change(database, ("teams", "cay-xanh"), None),
                    lambda: change(database, ("routing", "traffic,*,*"), TRAFFIC),
                ),
            )
        )
    assert sorted(done) == [False, True]
    live = process(database)
    live.refresh()
    assert ("cay-xanh" in live.current.local.teams) is done[1]


def test_the_programme_starts_without_an_edit_that_went_bad(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    change(database, LAND, THREE_DAYS)
    with database.write() as session:
        for table, key, row in (
            ("routing", "traffic,*,*", TRAFFIC),  # names a team that is not there
            ("agencies", "so-y-te", {"code": "so-y-te", "name": "", "phone": ""}),
            ("working_hours", "all", {"rows": []}),
        ):
            session.add(LocalEdit(table_name=table, key=key, row=row, changed_at=NOW))
    facts, edits = bring_up_to_date(database, FOLDER)
    assert len(edits) == 4
    assert days_for_land(facts) == "1d,2d,3d"
    assert facts.route("traffic", "normal", None) == LOCAL.route("traffic", "normal", None)
    assert facts.agencies["so-y-te"] == LOCAL.agencies["so-y-te"]
    assert facts.calendar == LOCAL.calendar
    for words in (
        "table routing, row traffic,*,* is left out: team unknown",
        "table agencies, row so-y-te is left out: name missing",
        "table working_hours, row all is left out: opens out_of_order",
    ):
        assert words in caplog.text


def test_a_bad_edit_is_no_reason_to_refuse_a_good_one(database: Database) -> None:
    with database.write() as session:
        session.add(
            LocalEdit(table_name="deadlines", key="land,high", row={"clock": "?"}, changed_at=NOW)
        )
    assert change(database, LAND, THREE_DAYS) is not None
    with pytest.raises(LocalTableInvalid, match="cay-xanh"):
        change(database, ("routing", "traffic,*,*"), TRAFFIC)
    with database.read() as session:
        kept = {(row.table_name, row.key) for row in session.query(LocalEdit)}
    assert kept == {LAND, ("deadlines", "land,high")}


def test_an_edit_that_says_what_is_there_already_leaves_no_trace(database: Database) -> None:
    with database.read() as session:
        file_row = local_tables.Tables.read(session, FOLDER).row(*LAND)
    assert change(database, LAND, file_row) is None
    with database.read() as session:
        assert session.query(DeskChange).count() == 0
        assert session.query(LocalEdit).count() == 0


def test_files_that_are_wrong_themselves_are_said_so(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "local" / "nowhere"
    folder.mkdir(parents=True)
    change(database, LAND, THREE_DAYS)
    with pytest.raises(LocalTableInvalid, match="cannot be read"):
        bring_up_to_date(database, folder)
