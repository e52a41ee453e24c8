"""The chat page: one template, filled in once per visit."""

from __future__ import annotations

from bot.channels.web.protocol import MEDIA_LIMIT, TEXT_LIMIT
from bot.channels.web.uploads import PHOTO_LIMIT, VIDEO_LIMIT
from bot.pages import environment
from bot.settings import Settings
from bot.static_files import StaticFiles


class ChatPage:
    """Renders `chat.html`. All words that people read stand in the template, none in the script."""

    def __init__(self, settings: Settings, files: StaticFiles) -> None:
        # The same for everybody: rendered once, so a visit costs next to nothing.
        self._html = (
            environment(files)
            .get_template("chat.html")
            .render(
                zalo_site_verification=settings.zalo_site_verification,
                public_cases=settings.public_cases_on,
                text_limit=TEXT_LIMIT,
                photo_limit=PHOTO_LIMIT,
                video_limit=VIDEO_LIMIT,
                media_limit=MEDIA_LIMIT,
            )
        )

    def html(self) -> str:
        return self._html
