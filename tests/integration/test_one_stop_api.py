"""The adapter of a provincial one-stop system, against a small server that misbehaves on demand."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.dossier_sources import (
    MAX_ANSWER_BYTES,
    DossierSourceUnavailable,
    FieldMapping,
    FieldMappingInvalid,
    OneStopApi,
)

CODE = "000.07.01.H01-260202-0002"

MAPPING = """
root: data.0
fields:
  code: maHoSo
  procedure: thuTuc.ten
  agency: donVi
  applicant: nguoiNop.hoTen
  state: trangThai
  received_on: ngayTiepNhan
  due_on: ngayHenTra
  phone: nguoiNop.dienThoai
  id_number: nguoiNop.cccd
  note: ghiChu
states: {DANG_XU_LY: 4}
key: {header: X-Api-Key, prefix: ""}
not_found: [404, 410]
"""

ANSWER: dict[str, Any] = {
    "data": [
        {
            "maHoSo": CODE,
            "thuTuc": {"ten": "Đăng ký kết hôn"},
            "donVi": "UBND phường Rạch Giá",
            "nguoiNop": {
                "hoTen": "Trần Thị B",
                "dienThoai": "0912 340 202",
                "cccd": "091000001002",
            },
            "trangThai": "DANG_XU_LY",
            "ngayTiepNhan": "02/02/2026",
            "ngayHenTra": "2026-03-20T17:00:00+07:00",
        }
    ]
}


class OneStopSystem:
    """Answers what it was told to."""

    def __init__(self) -> None:
        self.status = 200
        self.body: Any = ANSWER
        self.hangs = False
        self.seen: list[web.Request] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.seen.append(request)
        if self.hangs:
            await asyncio.Event().wait()
        if isinstance(self.body, str):
            return web.Response(status=self.status, text=self.body)
        return web.json_response(self.body, status=self.status)


@pytest.fixture
def system() -> OneStopSystem:
    return OneStopSystem()


@pytest.fixture
async def server(system: OneStopSystem) -> AsyncIterator[TestServer]:
    app = web.Application()
    app.router.add_get("/hoso/{code}", system.answer)
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
def mapping(tmp_path: Path) -> FieldMapping:
    path = tmp_path / "fields.yml"
    path.write_text(MAPPING, encoding="utf-8")
    return FieldMapping.load(path)


@pytest.fixture
def url(server: TestServer) -> str:
    return str(server.make_url("/hoso/")) + "{code}"


@pytest.fixture
def api(url: str, mapping: FieldMapping) -> OneStopApi:
    return OneStopApi(url, "key-1", mapping, timeout_seconds=0.5)


async def test_a_dossier_is_read_by_the_field_mapping(
    api: OneStopApi, system: OneStopSystem
) -> None:
    record = await api.find(CODE)
    assert record is not None
    assert (record.code, record.procedure, record.state) == (CODE, "Đăng ký kết hôn", 4)
    assert (record.received_on, record.due_on) == (date(2026, 2, 2), date(2026, 3, 20))
    assert (record.phone_last4, record.id_last4) == ("0202", "1002")
    assert system.seen[0].headers["X-Api-Key"] == "key-1"
    assert system.seen[0].match_info["code"] == CODE


async def test_without_a_mapping_our_own_names_are_read(url: str, system: OneStopSystem) -> None:
    system.body = {
        "code": CODE,
        "state": 10,
        "procedure": "Khai sinh",
        "agency": "UBND",
        "applicant": "A",
        "received_on": "20260202",
    }
    record = await OneStopApi(url, None).find(CODE)
    assert record is not None
    assert (record.state, record.due_on, record.phone_last4) == (10, None, None)
    assert "Authorization" not in system.seen[0].headers


@pytest.mark.parametrize("status", [404, 410])
async def test_a_status_for_not_found_means_that_there_is_none(
    api: OneStopApi, system: OneStopSystem, status: int
) -> None:
    system.status = status
    assert await api.find(CODE) is None


async def test_an_empty_answer_means_that_there_is_none(
    api: OneStopApi, system: OneStopSystem
) -> None:
    system.body = {"data": []}
    assert await api.find(CODE) is None


@pytest.mark.parametrize("status", [301, 401, 500, 503])
async def test_any_other_status_is_no_answer(
    api: OneStopApi, system: OneStopSystem, status: int
) -> None:
    system.status = status
    with pytest.raises(DossierSourceUnavailable, match=f"http_{status}"):
        await api.find(CODE)


async def test_a_system_that_hangs_is_given_up(api: OneStopApi, system: OneStopSystem) -> None:
    system.hangs = True
    with pytest.raises(DossierSourceUnavailable, match="timeout"):
        await api.find(CODE)


async def test_a_system_that_is_not_there_is_unavailable(mapping: FieldMapping) -> None:
    with pytest.raises(DossierSourceUnavailable):
        await OneStopApi("http://127.0.0.1:1/{code}", None, mapping).find(CODE)


async def test_an_answer_without_end_is_no_answer(api: OneStopApi, system: OneStopSystem) -> None:
    system.body = "x" * (MAX_ANSWER_BYTES + 1)
    with pytest.raises(DossierSourceUnavailable, match="too_large"):
        await api.find(CODE)


@pytest.mark.parametrize("body", ["<html>lỗi</html>", "", '{"data": [', "\x00"])
async def test_malformed_json_is_no_answer(
    api: OneStopApi, system: OneStopSystem, body: str
) -> None:
    system.body = body
    with pytest.raises(DossierSourceUnavailable, match="not_json"):
        await api.find(CODE)


@pytest.mark.parametrize(
    ("name", "value"),
    [("trangThai", "BAY"), ("trangThai", 11), ("ngayTiepNhan", "hôm qua"), ("donVi", None)],
)
async def test_a_field_that_cannot_be_read_is_no_answer(
    api: OneStopApi, system: OneStopSystem, name: str, value: Any
) -> None:
    system.body = {"data": [{**ANSWER["data"][0], name: value}]}
    with pytest.raises(DossierSourceUnavailable, match="unreadable"):
        await api.find(CODE)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[", "cannot be read"),
        ("- a", "key `fields`"),
        ("fields: {code: a}", "lacks state"),
        (MAPPING.replace("DANG_XU_LY: 4", "DANG_XU_LY: bốn"), "is wrong"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_what_to_mend(
    tmp_path: Path, text: str, says: str
) -> None:
    path = tmp_path / "fields.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(FieldMappingInvalid, match=says):
        FieldMapping.load(path)


def test_an_unknown_field_of_the_mapping_is_named(tmp_path: Path) -> None:
    path = tmp_path / "fields.yml"
    path.write_text(MAPPING.replace("  note: ghiChu", "  colour: mau"), encoding="utf-8")
    with pytest.raises(FieldMappingInvalid, match="colour"):
        FieldMapping.load(path)
