"""Notices and figures: written, looked at, published, ended, taken back, and read by everybody."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from store.desk import Publication
from store.staff import OfficerRole
from tests.case_room import LOCAL
from tests.integration.staff_desk import Browser, Desk

PAGE = "/staff/publications"
NOTICE = {"kind": "notice", "title": "Lịch cúp điện xã An Biên", "text": "Thứ hai, 8 đến 11 giờ."}
OF_THE_FILE = LOCAL.notices[0].title


@pytest.fixture
async def duty(desk: Desk, browser: Browser) -> Browser:
    """A browser in which the duty officer `lan` is logged in, at the page of notices."""
    desk.change(role=OfficerRole.DUTY)
    await browser.open(PAGE)
    return browser


async def publish(browser: Browser, **more: str) -> None:
    await browser.open(PAGE)
    await browser.send(PAGE, NOTICE | {"do": "publish"} | more)


def number_of(desk: Desk) -> int:
    with desk.database.read() as session:
        return session.query(Publication).count()


async def test_what_was_written_is_shown_as_it_will_look_before_it_is_published(
    desk: Desk, duty: Browser
) -> None:
    await duty.send(PAGE, NOTICE | {"do": "preview", "ends": "2026-11-30"})
    assert "Người dân sẽ thấy" in duty.html
    assert "hiện đến hết ngày 30/11/2026" in duty.html
    assert NOTICE["text"] in duty.html
    assert number_of(desk) == 0
    await duty.send(PAGE, NOTICE | {"do": "publish", "ends": "2026-11-30"})
    assert "Đã đăng." in duty.html
    html = await duty.open("/thong-bao")
    assert NOTICE["title"] in html
    assert OF_THE_FILE not in html


async def test_the_provinces_own_notices_are_told_while_staff_have_published_none(
    duty: Browser,
) -> None:
    assert OF_THE_FILE in await duty.open("/thong-bao")
    await publish(duty, kind="figure", title="Số phản ánh tháng 10")
    html = await duty.open("/thong-bao")
    assert OF_THE_FILE in html
    assert "Số phản ánh tháng 10" in html
    assert LOCAL.notices[1].title not in html


async def test_a_notice_ends_with_its_last_day(desk: Desk, duty: Browser) -> None:
    await publish(duty, ends="2026-11-03")
    desk.now += timedelta(days=1, hours=15)  # 23:00 of that day
    assert NOTICE["title"] in await duty.open("/thong-bao")
    desk.now += timedelta(hours=1)
    assert NOTICE["title"] not in await duty.open("/thong-bao")


async def test_the_last_day_is_changed_and_a_notice_taken_back(desk: Desk, duty: Browser) -> None:
    await publish(duty)
    found = re.search(rf'action="({PAGE}/\d+)/end"', duty.html)
    assert found is not None
    one = found.group(1)
    await duty.send(f"{one}/end", {"ends": "2026-11-05"})
    assert "Đã đổi ngày kết thúc" in duty.html
    assert 'value="2026-11-05"' in duty.html
    answer = await duty.send(f"{one}/end", {"ends": "2026-11-01"})
    assert answer.status == 400
    assert "Ngày kết thúc phải là" in duty.html
    await duty.send(f"{one}/withdraw")
    assert "Đã gỡ." in duty.html
    assert NOTICE["title"] not in await duty.open("/thong-bao")
    again = await duty.open(f"{PAGE}?again={one.rpartition('/')[2]}")
    assert f'value="{NOTICE["title"]}"' in again


async def test_a_second_press_publishes_nothing_twice(desk: Desk, duty: Browser) -> None:
    await publish(duty)
    await publish(duty)
    assert "đang được đăng rồi" in duty.html
    assert number_of(desk) == 1


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ({"title": " "}, "Hãy viết tiêu đề"),
        ({"title": "a" * 201}, "Hãy viết tiêu đề"),
        ({"text": ""}, "Hãy viết nội dung"),
        ({"kind": "rumour"}, "Hãy chọn thông báo hoặc số liệu"),
        ({"ends": "2026-11-01"}, "Ngày kết thúc phải là"),
        ({"ends": "mai"}, "Ngày kết thúc phải là"),
        ({"ends": "9999-12-31"}, "Ngày kết thúc phải là"),
    ],
)
async def test_what_is_wrong_is_said_and_what_was_typed_stays(
    desk: Desk, duty: Browser, data: dict[str, str], problem: str
) -> None:
    answer = await duty.send(PAGE, NOTICE | {"do": "publish"} | data)
    assert answer.status == 400
    assert problem in duty.html
    kept = (NOTICE | data)["title" if "text" in data else "text"]
    assert kept in duty.html
    assert number_of(desk) == 0


async def test_only_who_may_publish_sees_the_page(desk: Desk, browser: Browser) -> None:
    desk.change(role=OfficerRole.LEAD)
    async with browser.client.get(PAGE) as answer:
        assert answer.status == 403
    answer = await browser.send(PAGE, NOTICE | {"do": "publish"})
    assert answer.status == 403
    assert number_of(desk) == 0


async def test_words_of_a_notice_are_never_taken_for_a_page_of_ours(duty: Browser) -> None:
    nasty = "<script>alert(1)</script>"
    await publish(duty, title=nasty, text=nasty)
    for path in ("/thong-bao", PAGE):
        assert nasty not in await duty.open(path)
        assert "&lt;script&gt;" in duty.html


async def test_a_number_that_no_table_has_opens_nothing(duty: Browser) -> None:
    assert "Tiêu đề" in await duty.open(f"{PAGE}?again=999999999999")
    answer = await duty.send(f"{PAGE}/999999999/withdraw")
    assert answer.status == 404
