"""Which webhook calls count as Zalo's."""

from __future__ import annotations

import pytest

from bot.channels.zalo_oa.signature import is_signed, mac

# Computed with: printf '%s' '17{"a":"ổ gà","timestamp":"5"}5khóa' | sha256sum
BODY = '{"a":"ổ gà","timestamp":"5"}'.encode()
MAC = "1d431217a4d4991c4a4ac2e1bba9836bf2643f228375de11111df8c7761eb737"


def signed(header: str, body: bytes = BODY, timestamp: str = "5", secret: str = "khóa") -> bool:
    return is_signed(header, app_id="17", body=body, timestamp=timestamp, secret=secret)


def test_the_signature_is_the_plain_sha256_of_its_four_parts() -> None:
    assert mac("17", BODY, "5", "khóa") == MAC


@pytest.mark.parametrize(
    "header", [f"mac={MAC}", f"mac = {MAC}", f"mac ={MAC}", MAC, MAC.upper(), f" mac= {MAC} "]
)
def test_every_spelling_of_the_header_is_read(header: str) -> None:
    assert signed(header)


@pytest.mark.parametrize(
    "header", ["", "mac=", f"mac={MAC[:-1]}", f"mac={MAC}0", f"sha={MAC}", "mac=" + "0" * 64, "mã"]
)
def test_anything_else_is_refused(header: str) -> None:
    assert not signed(header)


def test_one_changed_byte_is_refused() -> None:
    assert not signed(f"mac={MAC}", body=BODY.replace(b"5", b"6"))
    assert not signed(f"mac={MAC}", timestamp="6")
    assert not signed(f"mac={MAC}", secret="khoá")
