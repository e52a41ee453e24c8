"""Asks Telegram whether somebody is in a group, where nothing was heard of it."""

from __future__ import annotations

from telegram import Bot
from telegram.constants import ChatMemberStatus
from telegram.error import BadRequest, TelegramError

from bot.channels.telegram.errors import is_one_of, send_error
from bot.channels.telegram.request import AiohttpRequest
from bot.settings import Settings

NOT_IN_IT = ("user not found", "member not found", "participant_id_invalid", "user_not_participant")
"""Parts of Telegram's descriptions (lower case) that mean: this account never was in the group."""

PRESENT = frozenset(
    {ChatMemberStatus.OWNER, ChatMemberStatus.ADMINISTRATOR, ChatMemberStatus.MEMBER}
)


class TelegramMembers:
    """Opens a connection for each question: they are rare, one for each officer and group.

    Args:
        settings: TELEGRAM_TOKEN and the address of the Bot API.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def present(self, chat_id: str, account: int) -> bool:
        """Whether the account is in the group.

        A group hides its members from a bot that is no administrator: whoever writes there then
        counts as one of them, and is heard to leave by the note that Telegram puts into the group.

        Raises:
            SendError: Telegram did not answer.
        """
        token = self._settings.telegram_token
        if token is None:
            return False
        api = self._settings.telegram_api_url.rstrip("/")
        request = AiohttpRequest()
        await request.initialize()
        try:
            bot = Bot(token.get_secret_value(), base_url=f"{api}/bot", request=request)
            member = await bot.get_chat_member(int(chat_id), account)
        except BadRequest as error:
            return not is_one_of(error, NOT_IN_IT)
        except TelegramError as error:
            raise send_error(error) from None
        finally:
            await request.shutdown()
        # A restricted account may be in the group or not; only that kind says which.
        return member.status in PRESENT or bool(getattr(member, "is_member", False))
