"""What a browser calls itself, in names by which its owner knows it."""

from __future__ import annotations

from dataclasses import dataclass

# The first that fits names it: most browsers also claim to be those further down.
_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("coc_coc_browser", "Cốc Cốc"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Zalo", "Zalo"),
    ("FxiOS/", "Firefox"),
    ("Firefox/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Device:
    """Such as Chrome and Android; empty is what it does not say."""

    browser: str
    system: str

    @classmethod
    def of(cls, user_agent: str) -> Device:
        return cls(
            browser=next((name for sign, name in _BROWSERS if sign in user_agent), ""),
            system=next((name for sign, name in _SYSTEMS if sign in user_agent), ""),
        )
