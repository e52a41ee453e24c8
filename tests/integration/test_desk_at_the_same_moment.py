"""Two forms of the desk arrive at the same moment: what one does, the other sees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from actions import publications, saved_filters
from actions.administration import changes, people
from actions.administration.people import Person
from actions.publications import Draft
from store.desk import Publication, SavedFilter
from store.engine import Database
from store.migrate import migrate
from store.staff import Officer, OfficerRole
from tests.case_room import LOCAL, MONDAY
from tests.integration.lock_queue import until_all_wait

T = TypeVar("T")


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    """PostgreSQL: SQLite has one writer at a time anyway."""
    made = Database(postgres_url)
    migrate(made)
    yield made
    made.dispose()


@pytest.fixture
def lan(database: Database) -> Officer:
    with database.write() as session:
        officer = Officer(
            username="lan", name="Nguyễn Thị Lan", role=OfficerRole.ADMIN, created_at=MONDAY
        )
        session.add(officer)
        session.flush()
        return officer


def nothing(_session: Session) -> None: ...


def second(
    database: Database,
    first: Callable[[Session], object],
    then: Callable[[Session], T],
    meanwhile: Callable[[Session], object] = nothing,
) -> T:
    """What becomes of a deed that begins before an earlier one is committed.

    Args:
        meanwhile: what the earlier one does while the later one waits.
    """

    def do() -> T:
        with database.write() as session:
            return then(session)

    with ThreadPoolExecutor(1) as pool:
        with database.write() as session:
            first(session)
            running = pool.submit(do)
            until_all_wait(database, 1)
            meanwhile(session)
        return running.result(timeout=20)


def test_a_list_kept_twice_is_there_once(database: Database, lan: Officer) -> None:
    def keep(query: str) -> Callable[[Session], SavedFilter]:
        return lambda session: saved_filters.keep(session, lan, "Của tôi", query, MONDAY)

    kept = second(database, keep("state=new"), keep("state=closed"))
    assert kept.query == "state=closed"
    with database.read() as session:
        assert session.scalar(select(func.count(SavedFilter.id))) == 1


def test_the_last_list_that_may_be_kept_is_kept_once(
    database: Database, lan: Officer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(saved_filters, "MOST", 1)

    def keep(name: str) -> Callable[[Session], SavedFilter]:
        return lambda session: saved_filters.keep(session, lan, name, "", MONDAY)

    with pytest.raises(saved_filters.TooMany):
        second(database, keep("Một"), keep("Hai"))


def test_the_same_notice_is_published_once(database: Database, lan: Officer) -> None:
    draft = Draft("notice", "Cúp nước", "Mai cúp nước ở Rạch Giá", None)

    def publish(session: Session) -> Publication:
        return publications.publish(session, lan, draft, now=MONDAY)

    with pytest.raises(publications.PublishedAlready):
        second(database, publish, publish)


def test_administrators_do_not_wait_for_each_other_in_a_circle(
    database: Database, lan: Officer
) -> None:
    def rename(name: str) -> Callable[[Session], object]:
        def do(session: Session) -> object:
            officer = people.of_number(session, lan.id)
            person = Person(**{**vars(Person.of(officer)), "name": name})
            return people.change(session, lan, lan.id, person, reason="", local=LOCAL, now=MONDAY)

        return do

    second(database, changes.lock, rename("Nguyễn Lan"), meanwhile=rename("Thị Lan"))
    with database.read() as session:
        assert session.get_one(Officer, lan.id).name == "Nguyễn Lan"
