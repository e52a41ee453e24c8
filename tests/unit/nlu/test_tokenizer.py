from __future__ import annotations

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from nlu.reading import readable
from nlu.tokenizer import segment


def test_words_of_two_syllables_stay_together() -> None:
    words = [word.text for word in segment("hồ sơ xin cấp giấy phép xây dựng")]
    assert "hồ sơ" in words
    assert "giấy phép" in words


def test_a_long_text_is_segmented_whole() -> None:
    text = "đèn đường trước nhà tắt cả tuần nay. " * 110
    words = segment(text)
    assert words[-1].end == len(text) - 1


@given(st.text())
def test_words_stand_in_order_where_their_offsets_say(text: str) -> None:
    text = readable(text)
    end = 0
    for word in segment(text):
        assert end <= word.start < word.end <= len(text)
        assert "".join(text[word.start : word.end].split()) == "".join(word.text.split())
        end = word.end


def test_segmenting_loads_none_of_the_heavy_libraries() -> None:
    code = (
        "import sys; from nlu.tokenizer import segment; segment('hồ sơ');"
        "sys.exit(any(m in sys.modules for m in"
        " ('underthesea', 'joblib', 'requests', 'huggingface_hub', 'sklearn', 'scipy')))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
