"""Text as it is compared and searched: in lower case, without diacritics."""

from __future__ import annotations

import re
import unicodedata


def folded(text: str) -> str:
    """Lower case, no marks, words with one space between."""
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join(re.findall(r"[a-z0-9]+", re.sub(r"[\u0300-\u036f]", "", plain)))
