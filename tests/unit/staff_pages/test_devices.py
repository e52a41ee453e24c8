"""What browsers call themselves, in names by which their owners know them."""

from __future__ import annotations

import pytest

from bot.staff_pages.devices import Device

MOZILLA = "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) {browser} Safari/537.36"


@pytest.mark.parametrize(
    ("system", "browser", "device"),
    [
        ("Windows NT 10.0; Win64; x64", "Chrome/130.0.0.0", Device("Chrome", "Windows")),
        (
            "Windows NT 10.0; Win64; x64",
            "Chrome/130.0.0.0 Edg/130.0.0.0",
            Device("Edge", "Windows"),
        ),
        ("Windows NT 10.0", "coc_coc_browser/130.0 Chrome/124.0", Device("Cốc Cốc", "Windows")),
        (
            "Linux; Android 14",
            "SamsungBrowser/26.0 Chrome/122.0",
            Device("Samsung Internet", "Android"),
        ),
        ("iPhone; CPU iPhone OS 18_0 like Mac OS X", "CriOS/130.0", Device("Chrome", "iPhone")),
        ("Macintosh; Intel Mac OS X 10_15_7", "Version/18.0", Device("Safari", "Mac")),
    ],
)
def test_a_browser_is_named_with_its_system(system: str, browser: str, device: Device) -> None:
    assert Device.of(MOZILLA.format(system=system, browser=browser)) == device


def test_what_says_neither_has_no_name() -> None:
    assert Device.of("curl/8.5.0") == Device("", "")
    assert Device.of("") == Device("", "")
    assert Device.of("Mozilla/5.0 (Windows NT 10.0)") == Device("", "Windows")
