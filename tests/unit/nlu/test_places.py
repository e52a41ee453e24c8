"""A place typed as in a chat gets today's commune, or none when the words fit several."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.places import PlaceMatch, PlaceResolver

TABLES = Path(__file__).parents[3] / "data" / "local" / "an_giang"
RESOLVER = PlaceResolver.from_tables(TABLES)


def only(text: str) -> PlaceMatch:
    (match,) = RESOLVER.find(text)
    return match


def typed(text: str) -> list[str]:
    return [text[match.start : match.end] for match in RESOLVER.find(text)]


@pytest.mark.parametrize(
    ("text", "commune"),
    [
        ("p vĩnh thanh rạch giá", "Phường Rạch Giá"),
        ("p. Vĩnh Thanh, Rạch Giá", "Phường Rạch Giá"),
        ("P.VĨNH THANH, TP.RẠCH GIÁ", "Phường Rạch Giá"),
        ("p vinh thanh rg", "Phường Rạch Giá"),
        ("ngay chợ Rạch Sỏi", "Phường Rạch Giá"),
        ("xa my thanh", "Phường Mỹ Thới"),
        ("tt Gò Quao", "Xã Gò Quao"),
        ("kinh 13 xã Minh Thuận", "Xã U Minh Thượng"),
        ("đường Nguyễn Trung Trực khúc An Hòa RG", "Phường Rạch Giá"),
        ("ql91 khuc cho binh my", "Xã Bình Mỹ"),
        ("uỷ ban xã Thạnh Đông A", "Xã Thạnh Đông"),
        ("phường An Hoà", "Phường Rạch Giá"),
        ("phường Vỉnh Lạc", "Phường Rạch Giá"),
        ("cúp điện Hòn Sơn", "Đặc khu Kiên Hải"),
        ("đảo hải tặc", "Xã Tiên Hải"),
        ("số 12/3 đường 3/2 p vĩnh lạc rg", "Phường Rạch Giá"),
        ("xa phu my huyen giang thanh", "Xã Giang Thành"),
        ("phường Mỹ Quý cũ", "Phường Long Xuyên"),
        ("o PQ", "Đặc khu Phú Quốc"),
        ("huyện Kiên Hải", "Đặc khu Kiên Hải"),
        ("một cửa Châu Phú", "Xã Châu Phú"),
        ("sông Hậu khúc Mỹ Hòa Hưng", "Xã Mỹ Hòa Hưng"),
    ],
)
def test_a_place_as_people_type_it_has_its_commune_of_today(text: str, commune: str) -> None:
    match = only(text)
    assert match.commune == commune
    assert match.code is not None
    assert len(match.code) == 5
    assert match.confidence > 0.5


@pytest.mark.parametrize(
    ("text", "commune"),
    [
        ("phường Mỹ Phước, Long Xuyên", "Phường Long Xuyên"),
        ("xã Mỹ Phước, Hòn Đất", "Xã Mỹ Thuận"),
        ("an hòa rạch giá", "Phường Rạch Giá"),
        ("an hòa châu thành an giang", "Xã Bình Hòa"),
        ("xã Bình An, Kiên Lương", "Xã Kiên Lương"),
        ("xã Bình An, Châu Thành", "Xã Bình An"),
        ("xã thạnh lộc giồng riềng", "Xã Thạnh Hưng"),
        ("xã Vĩnh Phú, Thoại Sơn", "Xã Định Mỹ"),
        ("Phú Mỹ Phú Tân", "Xã Phú Tân"),
        ("phường An Bình", "Phường Rạch Giá"),
        ("xã An Bình", "Xã Tây Phú"),
    ],
)
def test_the_other_words_decide_between_places_of_one_name(text: str, commune: str) -> None:
    assert only(text).commune == commune


@pytest.mark.parametrize(
    "text",
    [
        "xã Vĩnh Phú",  # three old communes, none of today
        "ở Rạch Giá",
        "TP Long Xuyên",
        "h. Châu Thành",
        "ql80 khúc Kiên Lương",
        "duong hanh lang ven bien khuc qua an bien",
        "đường Trần Phú",
        "Đường Lâm Quang Ky nối dài, Rạch Giá",
        "kênh Vĩnh Tế",
        "mất điện ở KG",
    ],
)
def test_words_that_fit_several_communes_leave_the_commune_open(text: str) -> None:
    match = only(text)
    assert match.commune is None
    assert match.code is None


@pytest.mark.parametrize(
    "text",
    [
        "toi an binh thuong",
        "an ngon tan hoi",
        "chợ mới mở đông ghê",
        "cho moi mo cua",
        "thứ ba tuần sau tui lên",
        "hẹn thứ 3 mà chưa có",
        "đồng hồ nước chạy sai",
        "dong ho nuoc chay sai",
        "o lam viec tu sang",
        "chị Mỹ An gọi em",
        "Bình Thạnh, Sài Gòn",
        "xã Vĩnh Thạnh, Cần Thơ",
        "giấy tờ còn ghi tỉnh Kiên Giang",
        "cho em gap anh cong an phu trach",
        "hon tuan nay nuoc yeu",
        "xe lam am am suot dem",
        "",
    ],
)
def test_ordinary_words_that_look_like_a_place_are_none(text: str) -> None:
    assert RESOLVER.find(text) == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("rác ngập bờ kè phường Bình San nha", "bờ kè phường Bình San"),
        ("cống thúi ở mương sau chợ Minh Lương đó", "mương sau chợ Minh Lương"),
        ("xe tải đậu ngay cổng trường cấp 2 Mỹ Luông", "cổng trường cấp 2 Mỹ Luông"),
        (
            "hư nắp cống trước số 60 Châu Văn Liêm, Mỹ Bình, Long Xuyên rồi",
            "số 60 Châu Văn Liêm, Mỹ Bình, Long Xuyên",
        ),
        ("ghe chìm ở sông hậu gần mỹ hòa hưng", "sông hậu gần mỹ hòa hưng"),
        (
            "ổ gà trước trường Lê Lợi, p. Vĩnh Thanh, Rạch Giá",
            "trường Lê Lợi, p. Vĩnh Thanh, Rạch Giá",
        ),
        ("ngập ở ấp Tân Hòa, xã Thạnh Lộc, Giồng Riềng", "ấp Tân Hòa, xã Thạnh Lộc, Giồng Riềng"),
        ("đường Nguyễn Xí hư", "đường Nguyễn Xí"),
    ],
)
def test_the_street_or_the_market_belongs_to_the_span(text: str, place: str) -> None:
    assert typed(text) == [place]


def test_two_places_are_two_matches() -> None:
    assert typed("xe dù chạy từ Rạch Sỏi đến Minh Lương") == ["Rạch Sỏi", "Minh Lương"]


def test_offsets_count_in_the_text_as_typed_also_when_marks_stand_apart() -> None:
    import unicodedata

    text = unicodedata.normalize("NFD", "  ổ gà ở phường Vĩnh Lạc, Rạch Giá đó")
    (match,) = RESOLVER.find(text)
    written = unicodedata.normalize("NFC", text[match.start : match.end])
    assert written == "phường Vĩnh Lạc, Rạch Giá"
    assert match.commune == "Phường Rạch Giá"


def test_the_value_writes_the_names_out() -> None:
    assert only("p vinh lac rg").value == "Phường Vĩnh Lạc, Thành phố Rạch Giá"


def test_a_name_that_another_unit_had_too_is_less_sure() -> None:
    assert only("xã Thạnh Lộc").confidence < only("xã Ngọc Chúc").confidence


def test_a_divided_commune_goes_to_its_main_heir_and_is_less_sure() -> None:
    match = only("xã Vĩnh Châu, Châu Đốc")
    assert match.commune == "Phường Châu Đốc"
    assert match.confidence < 0.8


def test_a_saved_resolver_answers_the_same(tmp_path: Path) -> None:
    RESOLVER.save(tmp_path)
    loaded = PlaceResolver.load(tmp_path)
    for text in ("p vĩnh thanh rạch giá", "xã Vĩnh Phú", "đường Trần Phú RG", "kênh Vĩnh Tế"):
        assert loaded.find(text) == RESOLVER.find(text)
    assert loaded.nearest(10.0, 105.08) == RESOLVER.nearest(10.0, 105.08)


def test_names_saved_by_another_version_are_refused(tmp_path: Path) -> None:
    from nlu.places.gazetteer import FILE_NAME, PlacesFileTooOld

    (tmp_path / FILE_NAME).write_text('{"format": 0}', encoding="utf-8")
    with pytest.raises(PlacesFileTooOld):
        PlaceResolver.load(tmp_path)


@pytest.mark.parametrize(
    ("lat", "lon", "commune"),
    [
        (10.0125, 105.0809, "Phường Rạch Giá"),
        (10.2175, 103.9608, "Đặc khu Phú Quốc"),
        (9.69, 104.36, "Đặc khu Kiên Hải"),
        (10.3860, 105.4350, "Phường Long Xuyên"),
    ],
)
def test_a_shared_location_has_its_nearest_commune(lat: float, lon: float, commune: str) -> None:
    name, code, metres = RESOLVER.nearest(lat, lon)
    assert name == commune
    assert len(code) == 5
    assert metres < 10_000


def test_a_location_far_away_says_how_far() -> None:
    assert RESOLVER.nearest(21.03, 105.85)[2] > 1_000_000


@given(st.text(max_size=300))
def test_any_text_is_read_without_error(text: str) -> None:
    check_matches(text)


words = st.sampled_from(
    "xã p phường tt huyện ở khúc đường số 60 chợ an phú tân hòa rạch giá RG kg cần thơ , . cho moi"
    " Vĩnh Thanh ba chuc ấp 3/2 nối dài cũ \u0301 Châu Thành long xuyen ql80".split()
)


@given(st.lists(words, max_size=40).map(" ".join))
def test_any_mix_of_place_words_gives_ordered_spans_that_do_not_overlap(text: str) -> None:
    check_matches(text)


def check_matches(text: str) -> None:
    end = 0
    for match in RESOLVER.find(text):
        assert end <= match.start < match.end <= len(text)
        assert 0 <= match.confidence <= 1
        assert (match.commune is None) == (match.code is None)
        end = match.end


def test_names_without_end_are_read_in_bounded_time() -> None:
    # Every name can join the one before it, which once made the work grow with the square.
    assert len(RESOLVER.find("an phú " * 2000)) > 100


@pytest.mark.parametrize("text", ["cán bộ vòi hối lộ 50", "nhan hoi lo 30 trieu", "tiết lộ 20 tên"])
def test_bribery_is_no_road(text: str) -> None:
    assert RESOLVER.find(text) == []
