"""Dossiers: reading a code in any spelling, the local table, the limits on guessing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from actions import dossiers
from actions.dossiers import DossierCodeUnreadable, DossierRecord, TooManyAttempts
from store.engine import Database
from store.messages import Conversation
from store.migrate import migrate

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
RECORD = DossierRecord(
    code="000.07.01.H01-260202-0002",
    procedure="Đăng ký kết hôn",
    agency="UBND phường Rạch Giá",
    applicant="Mẫu Trần Thị B",
    state=4,
    received_on=date(2026, 2, 2),
    phone_last4="0202",
    id_last4="1002",
)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("000.00.12.H62-201105-0004", "000.00.12.H62-201105-0004"),
        ("H17.00-230501-0012", "H17.00-230501-0012"),
        ("h17 00 230501 0012", "H17.00-230501-0012"),
        ("mã 000 00 12 h62 – 201105 – 0004 nha ad", "000.00.12.H62-201105-0004"),
        ("000.0O.12.H62-2O1105-0004", "000.00.12.H62-201105-0004"),
        ("0000012H622011050004", "000.00.12.H62-201105-0004"),
        ("H01.33.7-261005-00041", "H01.33.7-261005-00041"),
        ("G22.99.12-230913-1012", "G22.99.12-230913-1012"),
    ],
)
def test_a_code_is_read_in_many_spellings(typed: str, code: str) -> None:
    assert dossiers.read_code(typed) == code


@pytest.mark.parametrize("typed", ["", "H62", "12345-6789", "ổ gà trước chợ", "PA-7K3M2C"])
def test_other_texts_hold_no_code(typed: str) -> None:
    with pytest.raises(DossierCodeUnreadable):
        dossiers.read_code(typed)


@given(
    st.from_regex(
        r"(\d{3}\.\d{2}\.\d{2}\.)?[HG]\d{2}(\.\d{2}){0,2}-\d{6}-\d{4}",
        fullmatch=True,
        alphabet=st.characters(codec="ascii"),
    ),
    st.booleans(),
)
def test_a_canonical_code_reads_as_itself_also_in_lower_case(code: str, lower: bool) -> None:
    assert dossiers.read_code(code.lower() if lower else code) == code


@given(st.text(max_size=200))
def test_any_text_gives_a_code_or_says_that_there_is_none(text: str) -> None:
    with suppress(DossierCodeUnreadable):
        dossiers.read_code(text)


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    database = Database(sqlite_url)
    migrate(database)
    with database.write() as session:
        yield session


@pytest.fixture
def chats(session: Session) -> list[Conversation]:
    rows = [Conversation(channel="web", chat_id=name, created_at=NOW) for name in ("a", "b")]
    session.add_all(rows)
    session.flush()
    return rows


def test_saving_a_code_again_updates_it(session: Session) -> None:
    assert dossiers.save(session, RECORD, now=NOW)
    assert not dossiers.save(session, replace(RECORD, state=9), now=NOW)
    found = dossiers.find(session, RECORD.code)
    assert found is not None
    assert found.state == 9


def test_a_code_without_its_leading_group_is_found_when_only_one_ends_so(session: Session) -> None:
    dossiers.save(session, RECORD, now=NOW)
    assert dossiers.find(session, "H01-260202-0002") == RECORD
    dossiers.save(session, replace(RECORD, code="000.07.02.H01-260202-0002"), now=NOW)
    assert dossiers.find(session, "H01-260202-0002") is None


def test_details_open_with_the_digits_of_the_phone_or_the_identity_card() -> None:
    assert dossiers.opens(RECORD, "0202")
    assert dossiers.opens(RECORD, "1002")
    assert not dossiers.opens(RECORD, "9999")
    assert not dossiers.opens(replace(RECORD, phone_last4=None, id_last4=None), "")


def test_wrong_digits_are_limited_for_the_code_from_whatever_chat(
    session: Session, chats: list[Conversation]
) -> None:
    for _ in range(dossiers.MAX_WRONG_FACTORS_PER_CODE):
        dossiers.check_may_open(session, chats[0], RECORD.code, now=NOW)
        dossiers.record_attempt(session, chats[0], RECORD.code, "factor", now=NOW)
    for chat in chats:
        with pytest.raises(TooManyAttempts):
            dossiers.check_may_open(session, chat, RECORD.code, now=NOW)
    with pytest.raises(TooManyAttempts):
        dossiers.check_may_open(session, chats[0], "H01-260202-0009", now=NOW)
    dossiers.check_may_open(session, chats[1], "H01-260202-0009", now=NOW)


def test_unknown_codes_are_limited_per_chat_until_the_window_has_passed(
    session: Session, chats: list[Conversation]
) -> None:
    for _ in range(dossiers.MAX_UNKNOWN_CODES_PER_CHAT):
        dossiers.check_may_look_up(session, chats[0], now=NOW)
        dossiers.record_attempt(session, chats[0], "H01-260202-0009", "code", now=NOW)
    with pytest.raises(TooManyAttempts):
        dossiers.check_may_look_up(session, chats[0], now=NOW)
    dossiers.check_may_look_up(session, chats[1], now=NOW)
    later = NOW + dossiers.ATTEMPT_WINDOW + timedelta(seconds=1)
    dossiers.check_may_look_up(session, chats[0], now=later)
