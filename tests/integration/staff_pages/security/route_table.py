"""Who may reach which route of the desk: the table that `test_routes` holds the server to.

A route that is not here fails the tests: add a line. Its parts:

- the method, and an address. A name in braces is a thing that `World` makes, of the agency OWN
  where it has one; more names stand there.
- `who` may: the roles, of whichever agency. Others get 403; nobody, who is not logged in, is sent
  to the login (303), or shown what was typed once more (401), unless the page is PUBLIC.
- `status`: what those who may get for the form in `send`, or for none.
- `hidden`: the roles that do not learn of the thing (404) when it is another agency's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from store.staff import OfficerRole

OFFICER, LEAD, DUTY, LEADER, ADMIN = (
    OfficerRole.OFFICER,
    OfficerRole.LEAD,
    OfficerRole.DUTY,
    OfficerRole.LEADER,
    OfficerRole.ADMIN,
)
Roles = frozenset[OfficerRole]

ALL: Roles = frozenset(OfficerRole)
WORKING = ALL - {LEADER}
"""All but those who only read."""
LEADS: Roles = frozenset({LEAD, DUTY, ADMIN})
LEADS_AND_LEADERS = LEADS | {LEADER}
ON_DUTY: Roles = frozenset({DUTY, ADMIN})
ADMINS: Roles = frozenset({ADMIN})
PUBLIC: Roles = ALL
"""Everybody; of the line, `public` is set as well."""

OF_AN_AGENCY: Roles = frozenset({OFFICER, LEAD})
"""Roles whose sight ends at their agency."""


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    method: str
    address: str
    who: Roles
    status: int = 200
    hidden: Roles = frozenset()
    send: Mapping[str, str] = field(default_factory=dict)
    public: bool = False

    def expected(self, role: OfficerRole | None, *, elsewhere: bool) -> int:
        """The status for a role (None: not logged in), at the agency of the thing or elsewhere."""
        if role is None and not self.public:
            return 401 if "text" in self.send else 303
        if role is None:
            return self.status
        if elsewhere and role in self.hidden:
            return 404
        return self.status if role in self.who else 403


def get(
    address: str,
    who: Roles,
    status: int = 200,
    *,
    hidden: Roles = frozenset(),
    public: bool = False,
) -> Line:
    return Line("GET", address, who, status, hidden, public=public)


def post(
    address: str,
    who: Roles,
    status: int = 303,
    *,
    hidden: Roles = frozenset(),
    public: bool = False,
    **send: str,
) -> Line:
    return Line("POST", address, who, status, hidden, send, public)


TICKET = "/staff/tickets/{ticket}"
RELEASE = "/staff/releases/{ticket}"
WORDS = "Đã kiểm tra sáng nay và đang làm."
NEWEST = "999999999"
"""The version of a page on which nothing is missing."""

TABLE = (
    # the login and one's own account
    get("/staff/login", PUBLIC, public=True),
    post("/staff/login", PUBLIC, 403, public=True),
    get("/staff/login/code", PUBLIC, 303, public=True),
    post("/staff/login/code", PUBLIC, 403, public=True),
    get("/staff/password", ALL),
    post("/staff/password", ALL, 400),
    get("/staff/second-factor", ALL),
    post("/staff/second-factor/on", ALL, 400, code="000000"),
    post("/staff/second-factor/off", ALL, 400),
    post("/staff/second-factor/begin", ALL),
    get("/staff/second-factor/qr.svg", ALL),
    get("/staff/sessions", ALL),
    post("/staff/sessions", ALL),
    # cases
    get("/staff", ALL),
    get("/staff/", ALL),
    get("/staff/pulse", ALL),
    post("/staff/lists", ALL, name="Của tôi"),
    post("/staff/lists/{list}/drop", ALL),
    post("/staff/bulk", ALL, 400),
    post("/staff/export", ALL, 200, kind="csv"),
    get(TICKET, ALL, hidden=OF_AN_AGENCY),
    post(f"{TICKET}/start", WORKING, hidden=OF_AN_AGENCY),
    post(f"{TICKET}/assign", LEADS, 400, hidden=OF_AN_AGENCY),
    post(f"{TICKET}/resolve", WORKING, 400, hidden=OF_AN_AGENCY),
    post(f"{TICKET}/withdraw", frozenset(), hidden=OF_AN_AGENCY),
    post(f"{TICKET}/reply", WORKING, hidden=OF_AN_AGENCY, text=WORDS, version=NEWEST),
    post(f"{TICKET}/note", WORKING, hidden=OF_AN_AGENCY, text=WORDS, version=NEWEST),
    post(f"{TICKET}/resend", WORKING, 409, hidden=OF_AN_AGENCY),
    post(f"{TICKET}/talk", WORKING, hidden=OF_AN_AGENCY),
    post(f"{TICKET}/reporter", WORKING, 200, hidden=OF_AN_AGENCY),
    get("/staff/media/{picture}", ALL, hidden=OF_AN_AGENCY),
    get(RELEASE, LEADS, hidden=frozenset({LEAD})),
    post(RELEASE, LEADS, hidden=frozenset({LEAD}), text=WORDS, version=NEWEST),
    post("/staff/releases/{released}/withdraw", LEADS, hidden=frozenset({LEAD})),
    # chats
    get("/staff/chats", WORKING),
    get("/staff/chats/{chat}", WORKING),
    get("/staff/chats/{chat}/news", WORKING),
    post("/staff/chats/{chat}/typing", WORKING, 204),
    post("/staff/chats/{chat}/take", WORKING),
    post("/staff/chats/{chat}/reply", WORKING, text=WORDS),
    post("/staff/chats/{chat}/resend", WORKING, 409),
    post("/staff/chats/{chat}/give-back", WORKING),
    get("/staff/blocks", LEADS),
    post("/staff/blocks", LEADS, 400),
    post("/staff/blocks/{block}/lift", LEADS),
    # what the whole province needs
    get("/staff/figures", LEADS_AND_LEADERS),
    get("/staff/figures/file?kind=csv", LEADS_AND_LEADERS),
    get("/staff/dossiers", WORKING),
    post("/staff/dossiers", WORKING, 404, code="H01.07-261102-0001"),
    get("/staff/publications", ON_DUTY),
    post("/staff/publications", ON_DUTY, 400),
    post("/staff/publications/{publication}/end", ON_DUTY),
    post("/staff/publications/{publication}/withdraw", ON_DUTY),
    get("/staff/privacy", ON_DUTY),
    post("/staff/privacy/{request}/done", ON_DUTY),
    get("/staff/dead-letters", ON_DUTY),
    post("/staff/dead-letters/{letter}/replay", ON_DUTY),
    # administration
    get("/staff/views", ADMINS),
    get("/staff/admin", ADMINS),
    get("/staff/admin/people", ADMINS),
    get("/staff/admin/people/new", ADMINS),
    post("/staff/admin/people/new", ADMINS, 400),
    get("/staff/admin/people/{person}", ADMINS),
    post("/staff/admin/people/{person}", ADMINS, 400),
    get("/staff/admin/people/{person}/retire", ADMINS),
    post("/staff/admin/people/{person}/retire", ADMINS),
    post("/staff/admin/people/{person}/return", ADMINS),
    post("/staff/admin/people/{person}/password", ADMINS, 200),
    post("/staff/admin/people/{person}/link-code", ADMINS, 200),
    post("/staff/admin/people/{person}/sessions", ADMINS),
    post("/staff/admin/people/{person}/second-factor", ADMINS),
    get("/staff/admin/agencies", ADMINS),
    get("/staff/admin/agencies/{agency}", ADMINS),
    post("/staff/admin/agencies/{agency}", ADMINS, 400),
    post("/staff/admin/agencies/{agency}/group-code", ADMINS, 200),
    get("/staff/admin/tables/replies", ADMINS),
    get("/staff/admin/tables/replies/row", ADMINS),
    post("/staff/admin/tables/replies/row", ADMINS, 400),
    get("/staff/admin/tables/replies/remove?key={reply}", ADMINS),
    post("/staff/admin/tables/replies/restore?key={reply}", ADMINS),
    post("/staff/admin/tables/replies/remove?key={reply}", ADMINS),
    get("/staff/admin/changes", ADMINS),
    post("/staff/admin/changes/{change}/undo", ADMINS),
    get("/staff/khong-co-trang-nay", ALL, 404),
    # pages for everybody
    get("/phan-anh", PUBLIC, public=True),
    get("/phan-anh/{released}", PUBLIC, public=True),
    get("/phan-anh/{released}/anh/{photo}", PUBLIC, public=True),
    get("/thong-bao", PUBLIC, public=True),
    # at the end, for it ends the session
    post("/staff/logout", ALL),
)
