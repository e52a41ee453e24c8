"""Every route for every role, at the agency of the thing and elsewhere; its token; its headers."""

from __future__ import annotations

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import make_mocked_request

from store.staff import Officer, OfficerRole
from tests.integration.staff_desk import Browser, Desk
from tests.integration.staff_pages.security.route_table import TABLE, Line
from tests.integration.staff_pages.security.world import OTHER, OWN, World

PEOPLE = [
    None,
    *((role, agency) for role in OfficerRole for agency in (OWN, OTHER)),
]


def _name_of(person: tuple[OfficerRole, str] | None) -> str:
    return "nobody" if person is None else "_at_".join(person)


def visitor(desk: Desk) -> Officer:
    with desk.database.read() as session:
        return session.query(Officer).filter_by(username="lan").one()


@pytest.fixture
def world(desk: Desk, browser: Browser) -> World:
    return World(desk, visitor(desk))


async def send(browser: Browser, line: Line, address: str, *, csrf: str = "") -> ClientResponse:
    if line.method == "GET":
        return await browser.client.get(address, allow_redirects=False)
    form = {"csrf": csrf, **line.send}
    return await browser.client.post(address, data=form, allow_redirects=False)


async def covered(app: web.Application, world: World) -> set[tuple[str, str]]:
    """The routes that the table's lines lead to, by method and pattern."""
    found = set()
    for line in TABLE:
        request = make_mocked_request(line.method, world.address(line.address, fresh=False))
        resource = (await app.router.resolve(request)).route.resource
        assert resource is not None, f"no such route: {line.method} {line.address}"
        found.add((line.method, resource.canonical))
    return found


async def test_every_route_is_in_the_table(desk: Desk, world: World) -> None:
    app = desk.app()
    there = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.method != "HEAD"
    }
    missing = there - await covered(app, world)
    assert not missing, f"add lines to route_table.py: {sorted(missing)}"


@pytest.mark.parametrize("person", PEOPLE, ids=_name_of)
async def test_each_role_gets_what_the_table_says(
    desk: Desk, browser: Browser, world: World, person: tuple[OfficerRole, str] | None
) -> None:
    role, agency = person or (None, OWN)
    desk.change(role=role or OfficerRole.OFFICER, agency_code=agency)
    await browser.open("/staff/password")
    csrf = browser.csrf
    if role is None:
        await browser.send("/staff/logout")
    wrong = []
    for line in TABLE:
        expected = line.expected(role, elsewhere=agency == OTHER)
        address = world.address(line.address, fresh=line.method == "POST" and expected < 400)
        response = await send(browser, line, address, csrf=csrf)
        if response.status != expected:
            wrong.append((line.method, line.address, response.status, expected))
        elif expected == 303 and role is None and not line.public:
            assert response.headers["Location"].startswith("/staff/login"), line.address
        see_headers(response)
        response.release()
    assert not wrong


def see_headers(response: ClientResponse) -> None:
    """See that the browser is told to run, show and tell nothing that is not ours."""
    headers = response.headers
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    address = str(response.url)
    assert policy["default-src"] == "'none'", address
    assert policy["script-src"] == "'self'", address
    assert policy["style-src"] == "'self'", address
    assert policy["frame-ancestors"] == "'none'", address
    assert policy["base-uri"] == "'none'", address
    assert policy["form-action"] == "'self'", address
    assert "unsafe" not in headers["Content-Security-Policy"], address
    assert headers["X-Content-Type-Options"] == "nosniff", address
    assert headers["X-Frame-Options"] == "DENY", address
    assert headers["Referrer-Policy"] == "same-origin", address
    if "/staff" in address and response.status == 200 and response.content_type == "text/html":
        assert headers["Cache-Control"] == "no-store", address


async def test_every_form_needs_the_token_of_its_own_session(
    desk: Desk, browser: Browser, world: World
) -> None:
    desk.change(role=OfficerRole.ADMIN)
    await browser.open("/staff/password")
    former = browser.csrf
    await browser.log_in()
    await browser.open("/staff/password")
    assert browser.csrf != former
    for line in TABLE:
        if line.method != "POST" or line.public:
            continue
        for csrf in ("", "một dấu hiệu khác", former):
            address = world.address(line.address, fresh=False)
            response = await send(browser, line, address, csrf=csrf)
            assert response.status == 403, (line.address, csrf)
            assert "Chưa nhận được biểu mẫu" in await response.text(), line.address
    assert await browser.open("/staff")
