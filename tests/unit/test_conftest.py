"""A program that is not there is told, and in continuous integration it is a failure."""

from __future__ import annotations

import pytest

from tests.conftest import missing


def test_in_continuous_integration_what_is_missing_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="Install it"):
        missing("PostgreSQL", "Install it.")


def test_elsewhere_it_is_skipped_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="Install it"):
        missing("PostgreSQL", "Install it.")
