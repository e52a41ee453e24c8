"""The province's tables on the administrators' pages: changed, seen at once, undone, refused."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from actions.administration import local_tables
from actions.deadlines import WorkingCalendar
from actions.local_facts import LocalFacts, load_local_facts
from bot.settings import Settings
from store.cases import DeadlineKind
from store.desk import DeskChange, LocalEdit
from store.groups import GroupLinkCode
from store.local import Agency
from store.staff import Officer, OfficerRole
from tests.case_room import LOCAL
from tests.integration.staff_desk import Browser, Desk

TABLES = "/staff/admin/tables"
MONDAY = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
RACH_GIA = "30760"


@pytest.fixture
async def admin(desk: Desk, stranger: Browser) -> Browser:
    """A browser in which an administrator is logged in, and all agencies in the database."""
    desk.officer(role=OfficerRole.ADMIN)
    with desk.database.write() as session:
        load_local_facts(session, LOCAL)
    stranger.let_in(desk)
    return stranger


def facts(desk: Desk) -> LocalFacts:
    """What the next turn of this process goes by."""
    return desk.live.current.local


def edits(desk: Desk) -> dict[tuple[str, str], Any]:
    with desk.database.read() as session:
        return {(row.table_name, row.key): row.row for row in session.query(LocalEdit)}


def logged(desk: Desk) -> list[DeskChange]:
    with desk.database.read() as session:
        return session.query(DeskChange).order_by(DeskChange.id).all()


async def save(admin: Browser, table: str, data: dict[str, Any], key: str = "") -> int:
    """Open the form of a row, or of a new one, and send it."""
    address = f"{TABLES}/{table}/row" + (f"?key={key}" if key else "")
    await admin.open(address)
    return (await admin.send(address, data)).status


async def undo_newest(admin: Browser) -> int:
    html = await admin.open("/staff/admin/changes")
    found = re.search(r'action="(/staff/admin/changes/\d+/undo)"', html)
    assert found is not None
    return (await admin.send(found.group(1))).status


ROUTE = {"agency": "ubnd-{commune}", "agency_without_commune": "so-xay-dung", "team": "dien"}
DAYS = {
    "clock": "office",
    "accept_amount": "4",
    "accept_unit": "h",
    "answer_amount": "2",
    "answer_unit": "d",
    "resolve_amount": "6",
    "resolve_unit": "d",
}


async def test_a_changed_routing_rule_holds_at_once_and_its_undo_brings_the_file_back(
    desk: Desk, admin: Browser
) -> None:
    assert facts(desk).route("traffic", "normal", RACH_GIA)[0].code == f"kinh-te-{RACH_GIA}"
    assert await save(admin, "routing", ROUTE, key="traffic,*,*") == 200
    assert "Đã lưu" in admin.html
    agency, team = facts(desk).route("traffic", "normal", RACH_GIA)
    assert (agency.code, team) == (f"ubnd-{RACH_GIA}", "dien")
    assert facts(desk).route("traffic", "urgent", RACH_GIA)[0].code == f"cong-an-{RACH_GIA}"
    [change] = logged(desk)
    assert (change.subject, change.key) == ("routing", "traffic,*,*")
    assert change.before is not None
    assert change.before["agency"] == "kinh-te-{commune}"
    assert await undo_newest(admin) == 200
    assert "Đã hoàn tác" in admin.html
    assert facts(desk).route("traffic", "normal", RACH_GIA)[0].code == f"kinh-te-{RACH_GIA}"
    assert edits(desk) == {}
    assert logged(desk)[1].undoes_id == change.id


async def test_a_rule_for_one_place_stands_before_the_file_and_leaves_other_places_alone(
    desk: Desk, admin: Browser
) -> None:
    new = ROUTE | {"category": "traffic", "urgency": "*", "commune": RACH_GIA}
    assert await save(admin, "routing", new) == 200
    assert facts(desk).route("traffic", "urgent", RACH_GIA)[0].code == f"ubnd-{RACH_GIA}"
    assert facts(desk).route("traffic", "urgent", "30337")[0].code == "cong-an-30337"
    assert await save(admin, "routing", new) == 400
    assert "Đã có dòng này rồi" in admin.html
    assert await undo_newest(admin) == 200
    assert facts(desk).route("traffic", "urgent", RACH_GIA)[0].code == f"cong-an-{RACH_GIA}"


async def test_a_line_that_none_reaches_is_marked(desk: Desk, admin: Browser) -> None:
    await save(admin, "routing", ROUTE | {"category": "*", "urgency": "urgent", "commune": "*"})
    html = await admin.open(f"{TABLES}/routing?search=giao+thong")
    assert html.count("không dùng tới") == 2  # the line, and what the mark means
    assert "không dùng tới" not in await admin.open(f"{TABLES}/routing?search=tieng+on")


async def test_removing_a_rule_says_what_it_means_and_the_last_one_stays(
    desk: Desk, admin: Browser
) -> None:
    desk.ticket("PA-AAAA-1", category="traffic")
    html = await admin.open(f"{TABLES}/routing/remove?key=traffic,*,*")
    assert "<b>1 phản ánh đang mở</b>" in html
    assert "Tổ tiếp nhận" in html
    await admin.send(f"{TABLES}/routing/remove?key=traffic,*,*")
    assert "Đã bỏ" in admin.html
    assert facts(desk).route("traffic", "normal", None)[0].code == "van-phong-ubnd-tinh"
    html = await admin.open(f"{TABLES}/routing/remove?key=*,*,*")
    assert "không phản ánh nào bị bỏ sót" in html
    assert "Bỏ dòng này" not in html
    await admin.open(f"{TABLES}/routing/row?key=*,*,*")
    response = await admin.send(f"{TABLES}/routing/remove?key=*,*,*")
    assert response.status == 400
    assert facts(desk).route("land", "high", None)[0].code == "so-nong-nghiep-moi-truong"
    assert await undo_newest(admin) == 200
    assert facts(desk).route("traffic", "normal", None)[0].code == "so-xay-dung"


async def test_a_changed_deadline_holds_for_new_tickets_only(desk: Desk, admin: Browser) -> None:
    old = desk.ticket("PA-AAAA-2", category="land")
    assert "chỉ áp dụng cho phản ánh gửi từ nay" in await admin.open(f"{TABLES}/deadlines")
    assert await save(admin, "deadlines", DAYS, key="land,normal") == 200
    rule = facts(desk).deadlines("land", "normal")
    due = facts(desk).clock(rule.clock).due(MONDAY, rule.durations[DeadlineKind.RESOLVE])
    assert due == datetime(2026, 11, 10, 10, 0, tzinfo=UTC)
    assert desk.kept(old, old.id).deadline_at == old.deadline_at


@pytest.mark.parametrize(
    ("table", "key", "data", "column", "words"),
    [
        ("deadlines", "land,normal", DAYS | {"answer_amount": "vài"}, "answer", "từ 1 đến 9999"),
        ("deadlines", "land,normal", DAYS | {"clock": "moon"}, "clock", "Chọn một mục"),
        ("routing", "", ROUTE | {"category": "x", "urgency": "*"}, "category", "Chọn một mục"),
        ("routing", "traffic,*,*", ROUTE | {"team": "khong-co"}, "team", "Chọn một mục"),
        ("routing", "traffic,*,*", ROUTE | {"agency": "{0}"}, "agency", "Chọn một mục"),
        ("routing", "traffic,*,*", ROUTE | {"why": "x" * 301}, "why", "dài quá"),
        ("replies", "", {"title": "", "text": "a"}, "title", "chưa điền"),
        ("replies", "", {"title": "T", "text": "{phone}", "for": "*", "moves": "reply"}, "text",
         "{ngoặc nhọn}"),
        ("replies", "", {"title": "T", "text": "a", "for": "*"}, "moves", "chưa điền"),
        ("holidays", "", {"date": "mai", "worked": "no"}, "date", "Chọn một ngày"),
        ("holidays", "", {"date": "2026-12-24", "worked": "?"}, "worked", "Chọn một mục"),
        ("teams", "", {"name": ""}, "name", "chưa điền"),
        ("teams", "dien", {"name": "x" * 101}, "name", "dài quá"),
        ("hours", "all", {"opens1": "13:00", "closes1": "07:00"}, "opens", "nối tiếp nhau"),
        ("hours", "all", {"opens1": "07:00", "closes1": ""}, "opens", "Ghi giờ như 07:30"),
        ("hours", "all", {}, "opens", "nối tiếp nhau"),
    ],
)  # fmt: skip
async def test_what_cannot_be_used_is_said_beside_its_field_and_not_kept(
    desk: Desk,
    admin: Browser,
    table: str,
    key: str,
    data: dict[str, Any],
    column: str,
    words: str,
) -> None:
    assert await save(admin, table, data, key) == 400
    assert words in admin.html
    assert f'id="fault-{column}"' in admin.html
    assert edits(desk) == {}
    assert logged(desk) == []


async def test_who_saves_over_a_colleague_is_told_and_may_save_again(
    desk: Desk, admin: Browser
) -> None:
    address = f"{TABLES}/deadlines/row?key=land,normal"
    await admin.open(address)
    mine = admin.html
    assert await save(admin, "deadlines", DAYS, key="land,normal") == 200
    admin.html = mine
    response = await admin.send(address, DAYS | {"resolve_amount": "9"})
    assert response.status == 409
    assert "Nguyễn Thị Lan vừa sửa mục này" in admin.html
    assert facts(desk).deadlines("land", "normal").durations[DeadlineKind.RESOLVE].amount == 6
    response = await admin.send(address, DAYS | {"resolve_amount": "9"})
    assert response.status == 200
    assert facts(desk).deadlines("land", "normal").durations[DeadlineKind.RESOLVE].amount == 9


async def test_an_older_change_is_not_undone_under_a_newer_one(desk: Desk, admin: Browser) -> None:
    await save(admin, "deadlines", DAYS, key="land,normal")
    await save(admin, "deadlines", DAYS | {"resolve_amount": "9"}, key="land,normal")
    first, second = logged(desk)
    response = await admin.send(f"/staff/admin/changes/{first.id}/undo")
    assert response.status == 409
    assert "sửa tiếp sau thay đổi đó" in admin.html
    await admin.send(f"/staff/admin/changes/{second.id}/undo")
    response = await admin.send(f"/staff/admin/changes/{first.id}/undo")
    assert response.status == 200
    assert edits(desk) == {}
    assert (await admin.send("/staff/admin/changes/999999/undo")).status == 404


async def test_an_undo_that_would_break_another_table_is_refused(
    desk: Desk, admin: Browser
) -> None:
    assert await save(admin, "teams", {"name": "Tổ cây xanh"}) == 200
    assert facts(desk).teams["to-cay-xanh"] == "Tổ cây xanh"
    assert await save(admin, "routing", ROUTE | {"team": "to-cay-xanh"}, key="traffic,*,*") == 200
    team, _ = logged(desk)
    response = await admin.send(f"/staff/admin/changes/{team.id}/undo")
    assert response.status == 409
    assert "bảng Phân công, dòng “Giao thông, mọi mức, mọi nơi”" in admin.html
    html = await admin.open(f"{TABLES}/teams/remove?key=to-cay-xanh")
    assert "đang dùng mục này" in html
    assert facts(desk).teams["to-cay-xanh"] == "Tổ cây xanh"


async def test_a_team_with_people_in_it_stays(desk: Desk, admin: Browser) -> None:
    await save(admin, "teams", {"name": "Tổ cây xanh"})
    desk.officer("hoa", "Hoa", team_code="to-cay-xanh")
    assert "Còn 1 cán bộ" in await admin.open(f"{TABLES}/teams/remove?key=to-cay-xanh")
    await admin.open(f"{TABLES}/teams/row?key=to-cay-xanh")
    assert (await admin.send(f"{TABLES}/teams/remove?key=to-cay-xanh")).status == 400
    desk.change("hoa", team_code=None)
    await admin.open(f"{TABLES}/teams/remove?key=to-cay-xanh")
    assert (await admin.send(f"{TABLES}/teams/remove?key=to-cay-xanh")).status == 200
    assert "to-cay-xanh" not in facts(desk).teams


async def test_a_canned_reply_is_written_changed_and_taken_out(desk: Desk, admin: Browser) -> None:
    new = {"title": "Đã tỉa cây", "text": "{agency} đã tỉa [số] cây.", "for": "*", "moves": "reply"}
    assert await save(admin, "replies", new) == 200
    [written] = [reply for reply in facts(desk).canned if reply.title == "Đã tỉa cây"]
    assert written.name == "da-tia-cay"
    assert await save(admin, "replies", new) == 200
    assert "da-tia-cay-2" in {reply.name for reply in facts(desk).canned}
    changed = new | {"text": "Đã tỉa xong.", "for": ["traffic", "environment"]}
    assert await save(admin, "replies", changed, key="road_mended") == 200
    [mended] = [reply for reply in facts(desk).canned if reply.name == "road_mended"]
    assert mended.categories == {"traffic", "environment"}
    html = await admin.open(f"{TABLES}/replies?search=tia")
    assert html.count("Đã tỉa cây") >= 2
    assert "Đã thu gom rác" not in html
    await admin.open(f"{TABLES}/replies/remove?key=da-tia-cay")
    await admin.send(f"{TABLES}/replies/remove?key=da-tia-cay")
    assert "da-tia-cay" not in {reply.name for reply in facts(desk).canned}


async def test_swapped_days_and_working_hours_move_deadlines(desk: Desk, admin: Browser) -> None:
    saturday = {"date": "2026-11-07", "worked": "yes", "why": "làm bù", "source": ""}
    assert await save(admin, "holidays", saturday) == 200
    calendar = facts(desk).calendar
    assert calendar.after_working_days(MONDAY, 5) == datetime(2026, 11, 7, 10, 0, tzinfo=UTC)
    hours = {"opens1": "07:30", "closes1": "11:30", "opens2": "13:30", "closes2": "16:00"}
    assert await save(admin, "hours", hours, key="all") == 200
    calendar = facts(desk).calendar
    assert calendar.after_working_days(MONDAY, 5) == datetime(2026, 11, 7, 9, 0, tzinfo=UTC)
    assert await undo_newest(admin) == 200
    assert facts(desk).calendar.spans == WorkingCalendar().spans
    await admin.open(f"{TABLES}/holidays/row?key=2026-01-10")
    await admin.send(f"{TABLES}/holidays/remove?key=2026-01-10")
    assert facts(desk).calendar.is_worked(datetime(2026, 1, 10, tzinfo=UTC).date()) is False


async def test_a_row_goes_back_to_the_file_with_one_press(desk: Desk, admin: Browser) -> None:
    assert await save(admin, "deadlines", DAYS, key="land,normal") == 200
    assert "Trở về như tệp" in await admin.open(f"{TABLES}/deadlines/row?key=land,normal")
    await admin.send(f"{TABLES}/deadlines/restore?key=land,normal")
    assert "Đã trở về như tệp" in admin.html
    assert edits(desk) == {}
    assert len(logged(desk)) == 2


async def test_an_agency_gets_a_name_and_a_phone_that_everybody_reads(
    desk: Desk, admin: Browser
) -> None:
    code = f"kinh-te-{RACH_GIA}"
    address = f"/staff/admin/agencies/{code}"
    assert "Phường Rạch Giá" in await admin.open("/staff/admin/agencies?search=rach+gia")
    await admin.open(address)
    await admin.send(address, {"name": "Phòng Hạ tầng Rạch Giá", "phone": "0297 3 862 000"})
    assert "Đã lưu" in admin.html
    agency, _ = facts(desk).route("traffic", "normal", RACH_GIA)
    assert (agency.name, agency.phone) == ("Phòng Hạ tầng Rạch Giá", "0297 3 862 000")
    with desk.database.read() as session:
        assert session.get_one(Agency, code).name == "Phòng Hạ tầng Rạch Giá"
    for bad, words in (
        ({"name": "", "phone": ""}, "chưa điền"),
        ({"name": "x" * 201, "phone": ""}, "dài quá"),
        ({"name": "Phòng", "phone": "gọi anh Ba"}, "Chỉ ghi chữ số"),
    ):
        assert (await admin.send(address, bad)).status == 400
        assert words in admin.html
    assert await undo_newest(admin) == 200
    with desk.database.read() as session:
        assert session.get_one(Agency, code).name == LOCAL.agencies[code].name
    assert (await admin.client.get("/staff/admin/agencies/khong-co")).status == 404


async def test_a_code_for_an_agencys_group_is_shown_once_and_logged_without_it(
    desk: Desk, admin: Browser
) -> None:
    await admin.open("/staff/admin/agencies/so-y-te")
    await admin.send("/staff/admin/agencies/so-y-te/group-code")
    found = re.search(r"/nhom ([A-Z0-9]{10})", admin.html)
    assert found is not None
    with desk.database.read() as session:
        assert session.query(GroupLinkCode).one().agency_code == "so-y-te"
    [change] = logged(desk)
    assert change.after == {"event": "group_code"}
    assert found[1] not in await admin.open("/staff/admin/changes")
    response = await admin.send(f"/staff/admin/changes/{change.id}/undo")
    assert response.status == 409
    assert "không lấy lại được" in admin.html


async def test_the_log_is_narrowed_by_table_and_by_person(desk: Desk, admin: Browser) -> None:
    await save(admin, "deadlines", DAYS, key="land,normal")
    await save(admin, "teams", {"name": "Tổ cây xanh"})
    html = await admin.open("/staff/admin/changes?subject=teams")
    assert "Tổ cây xanh" in html
    assert "Đất đai, bình thường" not in html
    with desk.database.read() as session:
        lan = session.query(Officer).one().id
    assert "Đất đai, bình thường" in await admin.open(f"/staff/admin/changes?officer={lan}")
    assert "Không có thay đổi nào" in await admin.open(f"/staff/admin/changes?officer={lan + 1}")


async def test_an_edit_that_went_bad_is_left_out_named_and_mended(
    desk: Desk, admin: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    bad = {"category": "land", "urgency": "normal", "clock": "moon"}
    desk.add(LocalEdit(table_name="deadlines", key="land,normal", row=bad, changed_at=desk.now))
    desk.live.refresh()
    assert "edit of table deadlines, row land,normal is left out: clock unknown" in caplog.text
    assert facts(desk).deadlines("land", "normal") == LOCAL.deadlines("land", "normal")
    assert "đang bị bỏ qua" in await admin.open("/staff/admin")
    assert "không dùng được" in await admin.open(f"{TABLES}/deadlines")
    assert await save(admin, "teams", {"name": "Tổ cây xanh"}) == 200
    await admin.open(f"{TABLES}/deadlines/row?key=land,normal")
    await admin.send(f"{TABLES}/deadlines/restore?key=land,normal")
    assert set(edits(desk)) == {("teams", "to-cay-xanh")}


async def test_only_administrators_see_these_pages(desk: Desk, browser: Browser) -> None:
    for role in set(OfficerRole) - {OfficerRole.ADMIN}:
        desk.change(role=role)
        for path in ("", "/people", "/agencies", "/tables/routing", "/changes"):
            response = await browser.client.get(f"/staff/admin{path}")
            assert response.status == 403, (role, path)
        assert "/staff/admin" not in await (await browser.client.get("/staff/account")).text()


def test_rows_of_the_desk_are_those_of_the_files_until_somebody_changes_one() -> None:
    tables = local_tables.Tables(Settings(_env_file=None).local_dir, {})
    assert tables.row("working_hours", "all") == {
        "rows": [
            {"opens": "07:00", "closes": "11:00"},
            {"opens": "13:00", "closes": "17:00"},
        ]
    }
    assert list(tables.rows("routing"))[-1] == "*,*,*"
    assert len(tables.rows("agencies")) == len(LOCAL.agencies)
