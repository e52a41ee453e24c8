"""Finds the several things that one message may do, and what the message as a whole is for.

Careful on purpose: a story stays one act. A greeting or thanks at the start is taken off, and a
second act begins only at words that people open it with ("với lại", "sẵn cho hỏi"); parts that
turn out to want the same are joined again.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from nlu.letters import strip_diacritics
from nlu.reading import Part, Reading

OPENERS = Path(__file__).parent / "tables" / "act_openers.tsv"

# What can stand before the matter itself. Matched on text without diacritics.
_ADDRESS = (
    r"(?:ad|admin|ban|bot|anh|chi|em|co|chu|bac|moi nguoi|qui|quy|co quan|ubnd|uy ban|lanh dao"
    r"|can bo|so|ngai|shop|page|cac|va|nhe|nha|a|oi|da|nhieu|lam|dia phuong|chinh quyen|phuong|xa"
    r"|tinh|cho)"
)
_PREFIX = re.compile(
    r"\s*(?:da|vang|u|thua)?\s*(?:(?:em|toi|minh|tui|con|chau)\s+)?"
    r"(?:(?:xin\s+)?(?:kinh\s+)?chao|alo|hello|hi|xin\s+cam\s+on|cam\s+on|kinh\s+gui)"
    rf"(?:\s+{_ADDRESS})*\s*[,.!~:;\n)]+\s*"
)
_MIN_WORDS = 3


class ActSegmenter:
    """Marks the parts of a message that may be acts of their own."""

    def __init__(self, openers: Iterable[str]) -> None:
        self.openers = sorted({strip_diacritics(opener) for opener in openers})

    @classmethod
    def from_table(cls, path: Path = OPENERS) -> ActSegmenter:
        lines = path.read_text(encoding="utf-8").splitlines()
        return cls(line.strip() for line in lines if line.strip() and not line.startswith("#"))

    @cached_property
    def _opener(self) -> re.Pattern[str]:
        longest_first = sorted(self.openers, key=len, reverse=True)
        words = "|".join(re.escape(opener) for opener in longest_first)
        return re.compile(rf"(?<=[,.?!;:)…\s])(?:a ma |ma |nay |va |roi )?(?:{words})(?!\w)")

    def read(self, reading: Reading) -> None:
        text = strip_diacritics(reading.normalized.text)
        if len(text) != len(reading.normalized.text):
            return  # only exotic scripts change their length: nothing to split there
        cuts = [0]
        prefix = _PREFIX.match(text)
        if prefix and _words(text[prefix.end() :]) >= _MIN_WORDS:
            cuts.append(prefix.end())
        for match in self._opener.finditer(text):
            before, after = text[cuts[-1] : match.start()], text[match.start() :]
            if _words(before) >= _MIN_WORDS and _words(after) > _MIN_WORDS:
                cuts.append(match.start())
        if len(cuts) > 1:
            ends = [*cuts[1:], len(text)]
            reading.parts = [Part(a, b) for a, b in zip(cuts, ends, strict=True)]

    def save(self, folder: Path) -> None:
        text = json.dumps(self.openers, ensure_ascii=False, indent=0)
        (folder / "act_openers.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> ActSegmenter:
        return cls(json.loads((folder / "act_openers.json").read_text(encoding="utf-8")))


def _words(text: str) -> int:
    return len(re.findall(r"\w+", text))
