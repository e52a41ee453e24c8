"""The table of words that tell of danger: what it must see, and what it must leave alone."""

from __future__ import annotations

import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.dialogue.heard import Heard
from bot.dialogue.safety import Told, raised


def after_the_table(heard: Heard) -> Heard:
    return raised(heard, Told(heard.text))


DANGER_NOW = [
    "dây điện đứt rơi xuống đường còn tóe lửa",
    "day dien dut roi xuong duong",
    "dây điện đứt từ hôm qua nằm giữa đường tới giờ chưa ai nối",
    "dây điện rớt xuống nước trước nhà, con nít đang lội",
    "day cap dien dut nam giua duong",
    "cột điện ngã ngang lộ",
    "tru dien gay ngang chan ngang lo",
    "trạm biến áp đang nẹt lửa",
    "cháy nhà rồi bà con ơi",
    "nhà kế bên đang cháy",
    "chay nha ke ben roi cuu voi",
    "troi oi chay nha hang xom",
    "Nhà tui bị cháy, tới lẹ",
    "cháy xe giữa cầu",
    "xì gas mùi nồng nặc cả xóm",
    "xi gas trong nha ko dam vo",
    "bình gas phát nổ",
    "có người bị điện giật",
    "co nguoi bi dien giut nam im",
    "xe tải tông xe máy, người nằm bất động",
    "tai nan truoc cho, co nguoi bat tinh",
    "té xe máu me đầy đường",
    "có đứa nhỏ rớt xuống kinh chưa vớt lên được",
    "thang nho te xuong song roi",
    "em bé lọt xuống giếng",
    "có người đuối nước ở bãi tắm",
    "chìm ghe, 2 người trôi, cứu với",
    "lat ghe co nguoi mat tich",
    "đang đánh nhau trước quán nhậu",
    "tụi nó cầm dao rượt nhau ngoài đường",
    "dang chem nhau o cho",
    "nó đòi giết cả nhà tui",
    "thằng cha kế bên đánh con nó gần chết",
    "đánh đứa nhỏ dã man hàng xóm nghe la khóc",
    "bé gái bị xâm hại",
    "có người đòi nhảy cầu",
    "ba tui mới uống thuốc sâu",
    "mẹ tôi đột quỵ, gọi cấp cứu giùm",
    "ong gia xiu nam ngoai duong keu xe cap cuu giup",
    "con tui bị rắn cắn",
    "nhà sập có người kẹt bên trong",
    "bờ sông lở, nửa căn nhà rớt xuống sông",
    "bể đê rồi nước tràn vô ruộng",
    "đào đất trúng trái bom",
    "đang bị cướp",
    "tiệm vàng đang bị cướp",
    "cháy rừng trên núi Cấm",
    "cháy ghe dưới bến",
]

DANGER_SOON = [
    "trụ điện nghiêng sắp đổ đè lên mái trường",
    "dây điện chùng xuống ngang đầu",
    "day dien sa xuong ngang dau",
    "hố ga mất nắp trước cổng trường",
    "nap cong be may cai roi",
    "sạt lở sắp tới nhà tui rồi",
    "cây cổ thụ muốn đổ",
    "cột đèn bị rò điện",
]

NO_DANGER = [
    "tháng này cháy túi rồi",
    "vé xe tết cháy hàng hết trơn",
    "hôm qua cháy nhà ở xóm trên, giờ còn mùi khét",
    "tuần trước có vụ tai nạn nằm bất động ở đây",
    "xe chay nha am am ca dem",
    "xe chay to tieng",
    "nuoc chay yeu",
    "chạy xe quá tốc độ",
    "nước chảy vô nhà",
    "cho hỏi thủ tục xin giấy phép phòng cháy chữa cháy",
    "xém bị điện giật khi đi ngang cột đèn",
    "suýt té xuống sông",
    "dây điện chùng thấp quá, sợ bị đứt",
    "sợ có ngày dây điện đứt rớt xuống",
    "lỡ như cháy nhà thì sao",
    "nóng muốn chết",
    "ồn muốn chết luôn",
    "từ từ rồi tính",
    "lam tu tu thoi",
    "cá chết dưới sông nhiều quá",
    "nha em o duoi nuoc",
    "bơm nước hư rồi",
    "bom nuoc hu",
    "đánh nhau hoài ở quán nhậu, tháng trước cũng vậy",
    "cán bộ hành dân quá trời",
    "giá điện giật mình luôn",
    "đồng hồ nước chảy máu túi tiền",
    "cầu sập mấy tháng nay chưa sửa",
    "cháy bóng đèn đường",
    "bóng đèn đường bị cháy",
    "đốt đồng khói mù mịt",
    "con nít nhảy cầu tắm sông",
    "diễn tập chữa cháy hôm nào",
    "xem phim cháy nhà",
    "năm ngoái nhà cháy mà chưa được hỗ trợ",
    "nhà tôi bị cháy hồi tháng 3, xin hỗ trợ",
    "rác rớt xuống sông",
    "xe rác làm rơi rác xuống đường",
    "trụ điện ở ngã tư không có đèn",
    "tru dien o nga tu khong sang",
    "dây điện nhà tui tính tiền sai",
    "khúc này hay xảy ra tai nạn chết người",
    "đèn điện đường đứt bóng",
    "cháy bóng đèn nhà vệ sinh công cộng",
    "hết muốn nói luôn",
    "con nít hay chết đuối, xin mở lớp bơi",
    "vụ cháy ở chợ đã dập tắt",
    "điện lực đã cắt điện, trụ điện gãy chưa dựng lại",
    "bị giật dây chuyền tháng rồi",
]


@pytest.mark.parametrize("text", DANGER_NOW)
def test_danger_now_is_seen(text: str) -> None:
    assert Told(text).danger == "emergency"


@pytest.mark.parametrize("text", DANGER_SOON)
def test_danger_soon_is_pressing_and_no_emergency(text: str) -> None:
    assert Told(text).danger == "high"


@pytest.mark.parametrize("text", NO_DANGER)
def test_near_misses_and_sayings_are_left_alone(text: str) -> None:
    assert Told(text).danger is None


def test_what_goes_on_since_yesterday_is_not_over() -> None:
    assert Told("hôm qua dây điện đứt rớt xuống đường").danger is None
    assert Told("từ hôm qua dây điện đứt rớt xuống đường").danger == "emergency"


def test_a_near_miss_counts_only_in_its_own_sentence() -> None:
    assert Told("Hôm qua mưa lớn. Giờ dây điện đứt nằm giữa đường!").danger == "emergency"


def test_words_far_apart_are_no_danger() -> None:
    between = "xin coi lại giùm " * 5
    assert Told(f"dây điện nhà tui cũ rồi, {between} cái mạng bị đứt").danger is None


def test_a_word_with_other_diacritics_is_another_word() -> None:
    assert Told("xe chạy nhà tui rung rinh").danger is None


def test_tones_on_either_vowel_and_short_forms_are_read() -> None:
    assert Told("phát hoả rồi").danger == "emergency"
    assert Told("dây điện đứt rớt xuống đườngggg").danger == "emergency"


def test_a_report_is_raised_to_an_emergency() -> None:
    heard = after_the_table(Heard(text="dây điện đứt rớt xuống đường", intent="report", sure=True))
    assert heard.is_emergency
    assert heard.urgency == "urgent"


def test_a_report_of_danger_soon_only_becomes_pressing() -> None:
    heard = after_the_table(Heard(text="trụ điện sắp đổ", intent="report", sure=True))
    assert (heard.intent, heard.urgency) == ("report", "high")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Trước chợ Dây Điện đứt rơi xuống đường", ["Dây Điện đứt"]),
        ("day dien nha ke ben bi dut roi", ["day dien", "dut"]),
        ("Sạt lở rồi. Trụ điện nghiêng, sắp đổ tới nơi", ["Trụ điện nghiêng, sắp đổ"]),
        ("phát hoả rồiii", ["phát hoả"]),
        ("đường hư", []),
    ],
)
def test_the_words_that_tell_of_danger_are_given_as_written(text: str, words: list[str]) -> None:
    assert Told(text).danger_words == words


def test_words_of_the_table_stand_before_those_of_the_model() -> None:
    heard = Heard(
        text="dây điện đứt, trẻ em đang lội",
        intent="emergency",
        sure=True,
        urgency="urgent",
        urgency_words=["điện đứt", "trẻ em"],
    )
    assert after_the_table(heard).urgency_words == ["dây điện đứt", "trẻ em"]


@given(st.text(max_size=200))
def test_words_of_danger_are_words_of_any_text(text: str) -> None:
    assert all(words in text for words in Told(text).danger_words)


@pytest.mark.parametrize("intent", ["ask_procedure", "ask_info", "praise", "petition", "complaint"])
def test_what_the_model_is_sure_of_is_not_overruled(intent: str) -> None:
    heard = Heard(text="đang cháy nhà", intent=intent, confidence=0.9, sure=True)
    assert after_the_table(heard) == heard


def test_only_despair_about_the_own_life_is_despair() -> None:
    assert Told("tôi không muốn sống nữa").despairs
    assert Told("toi ko muon song nua").despairs
    assert not Told("nóng muốn chết luôn").despairs
    assert not Told("em muon tu tu tra gop").despairs


def test_nothing_of_a_message_is_kept_when_its_turn_is_over() -> None:
    told = Told("em tố cáo ông Bí Mật ăn hối lộ")
    kept = weakref.ref(told)
    assert told.says(["tố cáo"])
    del told
    assert kept() is None


def test_a_phrase_marked_exact_needs_its_diacritics() -> None:
    assert Told("em tố cáo ổng").says(["=em tố cáo"])
    assert not Told("nha em to cao lam").says(["=em tố cáo"])


@given(st.text(max_size=400))
def test_no_text_breaks_the_reading(text: str) -> None:
    told = Told(text)
    assert told.danger in ("emergency", "high", None)
    assert told.despairs in (True, False)
