"""Groups of the staff: which agency's tickets go to which, and who is in them."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Table, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from store.groups import AgencyGroup, GroupLinkCode, GroupMember
from store.messages import Conversation
from store.staff import Officer, OfficerRole

LINK_CODE_LIFE = timedelta(minutes=15)
"""While a code is out, the bot stays in a group that it does not know yet: so not for long."""

LINK_CODE_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LINK_CODE_LENGTH = 10

MAY_LINK = frozenset({OfficerRole.LEAD, OfficerRole.DUTY, OfficerRole.ADMIN})
"""Roles that may give a group to an agency."""


_GROUPS = cast(Table, AgencyGroup.__table__)
_GROUP_OF_AGENCY = select(_GROUPS.c.conversation_id).where(
    _GROUPS.c.agency_code == bindparam("agency")
)


class GroupCodeInvalid(ValueError):
    """The code was never given out, has been used, or is too old."""


class LinkingForbidden(Exception):
    """The officer has not the role for it, or leads another agency."""


def new_link_code(session: Session, agency_code: str, *, now: datetime) -> str:
    """A one-time code that gives the group it is sent in to an agency; an older one is void."""
    session.execute(delete(GroupLinkCode).where(GroupLinkCode.agency_code == agency_code))
    code = "".join(secrets.choice(LINK_CODE_LETTERS) for _ in range(LINK_CODE_LENGTH))
    session.add(
        GroupLinkCode(
            code_hash=_hashed(code), agency_code=agency_code, expires_at=now + LINK_CODE_LIFE
        )
    )
    return code


def link_is_expected(session: Session, *, now: datetime) -> bool:
    """Whether a code is out with which a group may be linked."""
    return bool(session.scalar(select(exists().where(GroupLinkCode.expires_at >= now))))


def link(
    session: Session, code: str, group: Conversation, officer: Officer, *, now: datetime
) -> str:
    """Give a group to the agency of the code; returns that agency's code.

    An agency has one group, so an earlier one is given up; several agencies may share a group.

    Raises:
        LinkingForbidden: this officer may not; the code stays good.
        GroupCodeInvalid: with no word on why, for the code may be guessed.
    """
    if officer.role not in MAY_LINK:
        raise LinkingForbidden(officer.username)
    found = session.get(GroupLinkCode, _hashed(code.strip().upper()))
    if found is None or found.expires_at < now:
        raise GroupCodeInvalid
    if officer.role == OfficerRole.LEAD and officer.agency_code not in (None, found.agency_code):
        raise LinkingForbidden(officer.username)
    session.delete(found)
    session.merge(
        AgencyGroup(agency_code=found.agency_code, conversation_id=group.id, linked_at=now)
    )
    session.flush()
    return found.agency_code


def group_of_agency(session: Session, agency_code: str) -> Conversation | None:
    """The agency's own group, if it has one."""
    number = session.scalar(_GROUP_OF_AGENCY, {"agency": agency_code})
    return None if number is None else session.get_one(Conversation, number)


def agencies_of(session: Session, group: Conversation) -> list[str]:
    """The codes of the agencies that share a group."""
    return list(
        session.scalars(
            select(AgencyGroup.agency_code)
            .where(AgencyGroup.conversation_id == group.id)
            .order_by(AgencyGroup.agency_code)
        )
    )


def chat_ids(session: Session) -> list[str]:
    """The messenger's ids of all linked groups."""
    return list(
        session.scalars(
            select(Conversation.chat_id)
            .join(AgencyGroup, AgencyGroup.conversation_id == Conversation.id)
            .distinct()
        )
    )


def move(session: Session, old: Conversation, new: Conversation) -> None:
    """A group goes on under another id: its agencies go with it."""
    session.execute(
        update(AgencyGroup)
        .where(AgencyGroup.conversation_id == old.id)
        .values(conversation_id=new.id)
    )


def membership(session: Session, group: Conversation, account: int) -> bool | None:
    """Whether an account is in a group, as far as was heard of it; None when nothing was."""
    found = session.get(GroupMember, (group.id, account))
    return None if found is None else found.present


def gone(
    session: Session, officers: Iterable[Officer], group: Conversation | None
) -> frozenset[int]:
    """Those of some officers who have left a group, by their ids, as far as was heard.

    Args:
        group: without one, who was in groups and is in none of them any more.
    """
    accounts = {one.telegram_user_id: one.id for one in officers if one.telegram_user_id}
    query = select(GroupMember).where(GroupMember.telegram_user_id.in_(accounts))
    if group is not None:
        query = query.where(GroupMember.conversation_id == group.id)
    heard = session.scalars(query).all()
    present = {one.telegram_user_id for one in heard if one.present}
    return frozenset(accounts[one.telegram_user_id] for one in heard) - {
        accounts[account] for account in present
    }


def hear_of_member(
    session: Session, group: Conversation, account: int, *, present: bool, at: datetime
) -> None:
    """Note that an account is in a group, or is not; news older than what is known is no news."""
    known = session.get(GroupMember, (group.id, account))
    if known is None:
        session.add(
            GroupMember(
                conversation_id=group.id, telegram_user_id=account, present=present, heard_at=at
            )
        )
        session.flush()
    elif at >= known.heard_at:
        known.present, known.heard_at = present, at


def _hashed(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()
