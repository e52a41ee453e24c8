"""A name written twice in domain.yml would silently hide the first sentence."""

from __future__ import annotations

from collections import Counter

import yaml

from bot.settings import ROOT


def test_no_response_is_written_twice() -> None:
    with (ROOT / "domain.yml").open(encoding="utf-8") as file:
        root = yaml.compose(file, Loader=yaml.SafeLoader)
    assert isinstance(root, yaml.MappingNode)
    sections = {key.value: value for key, value in root.value}
    names = Counter(key.value for key, _ in sections["responses"].value)
    assert [name for name, times in names.items() if times > 1] == []
