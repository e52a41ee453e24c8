"""What browsers call themselves, in words by which their owners know them."""

from __future__ import annotations

import pytest

from bot.staff_pages.devices import device_name

MOZILLA = "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) {browser} Safari/537.36"


@pytest.mark.parametrize(
    ("system", "browser", "name"),
    [
        ("Windows NT 10.0; Win64; x64", "Chrome/130.0.0.0", "Chrome trên Windows"),
        ("Windows NT 10.0; Win64; x64", "Chrome/130.0.0.0 Edg/130.0.0.0", "Edge trên Windows"),
        ("Windows NT 10.0", "coc_coc_browser/130.0 Chrome/124.0", "Cốc Cốc trên Windows"),
        ("Linux; Android 14", "SamsungBrowser/26.0 Chrome/122.0", "Samsung Internet trên Android"),
        ("iPhone; CPU iPhone OS 18_0 like Mac OS X", "CriOS/130.0", "Chrome trên iPhone"),
        ("Macintosh; Intel Mac OS X 10_15_7", "Version/18.0", "Safari trên máy Mac"),
    ],
)
def test_a_browser_is_named_with_its_system(system: str, browser: str, name: str) -> None:
    assert device_name(MOZILLA.format(system=system, browser=browser)) == name


def test_what_says_neither_has_no_name() -> None:
    assert device_name("curl/8.5.0") == ""
    assert device_name("") == ""
    assert device_name("Mozilla/5.0 (Windows NT 10.0)") == "Windows"
