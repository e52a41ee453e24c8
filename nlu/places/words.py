"""Words around place names, written without marks.

They are words of the language and hold for every province; the names themselves come from the
tables of `data/local/<province>/`.
"""

from __future__ import annotations

# Words that say what kind of unit follows -> the kind as written in the tables.
UNIT_WORDS = {
    "xa": "Xã",
    "x": "Xã",
    "phuong": "Phường",
    "fuong": "Phường",
    "p": "Phường",
    "ph": "Phường",
    "f": "Phường",
    "thi tran": "Thị trấn",
    "tt": "Thị trấn",
    "ttr": "Thị trấn",
    "dac khu": "Đặc khu",
    "dk": "Đặc khu",
    "huyen": "Huyện",
    "h": "Huyện",
    "thi xa": "Thị xã",
    "tx": "Thị xã",
    "thanh pho": "Thành phố",
    "tp": "Thành phố",
    "tinh": "Tỉnh",
}
# How the words above look with marks; another mark makes another word ("xà", "tính").
MARKED_UNIT_WORDS = {
    "xa": "xã",
    "phuong": "phường",
    "fuong": "fường",
    "thi": "thị",
    "tran": "trấn",
    "dac": "đặc",
    "dk": "đk",
    "khu": "khu",
    "huyen": "huyện",
    "thanh": "thành",
    "pho": "phố",
    "tinh": "tỉnh",
}
COMMUNE_KINDS = frozenset({"Xã", "Phường", "Thị trấn", "Đặc khu"})
DISTRICT_KINDS = frozenset({"Huyện", "Thị xã", "Thành phố"})

# A name after one of these is a hamlet's, a quarter's or a group's, not a commune's.
HAMLET_WORDS = frozenset({"ap", "khom", "khu pho", "kp", "xom"})

# Words that stand before a place, as they look with marks.
PREPOSITIONS = frozenset(
    "ở tại khúc đoạn gần ngay qua từ vô bên dân kế về vùng miệt khu kv hướng ngang trước sau"
    " xuống quê ngoài trong đất người vào thuộc dưới giáp ranh đi lộ".split()
)
# Without marks these are more often another word (tôi, đèn, vẻ) or a verb without a place.
WEAK_WITHOUT_MARKS = frozenset({"ve", "qua", "di", "tu", "vao", "trong", "nguoi", "sau", "dat"})

# Words between two parts of one address.
CONNECTORS = frozenset(
    "o tai khuc doan gan qua thuoc cu cua nay la khu so huong giap ngay doi truoc sau ben"
    " noi dai".split()
)
# Of them, those that may end a span to the right.
FORMER_WORDS = ("cũ", "cu")

# Nouns that open a place: streets, waters, works, buildings. The span is widened to them.
ROAD_NOUNS = frozenset(
    {"duong", "lo", "hem", "kiet", "tuyen", "dg", "pho", "dai lo", "quoc lo", "tinh lo"}
    | {"huong lo", "ql", "tl", "dt", "hl", "cao toc"}
)
OFFICE_NOUNS = frozenset(
    {"ubnd", "uy ban", "uy ban nhan dan", "mot cua", "cong an", "tram y te", "hanh chinh cong"}
    | {"cax", "cap"}
)
SITE_NOUNS = frozenset(
    {"cho", "nha long", "cau", "cong", "truong", "benh vien", "bv", "chua", "mieu", "dinh"}
    | {"nha tho", "thanh that", "kinh", "kenh", "rach", "song", "muong", "de", "bo ke", "ke"}
    | {"bai rac", "bai", "bien", "nui", "hon", "dao", "cu lao", "con", "vam", "ben", "ben pha"}
    | {"pha", "ben do", "ben xe", "ben tau", "cang", "nga ba", "nga tu", "nga nam", "vong xoay"}
    | {"bung binh", "cong vien", "quang truong", "khu dan cu", "kdc", "cum dan cu", "khu do thi"}
    | {"khu cong nghiep", "kcn", "ap", "khom", "khu pho", "kp", "to", "san bay"}
    | {"via he", "ho", "cay xang", "cua khau", "trai giam", "nghia trang", "bo song", "bo kenh"}
    | {"khu nghia dia", "san van dong", "nha van hoa", "tuong dai", "chung cu"}
    | {"tieu hoc", "thcs", "thpt", "mam non", "mau giao", "ho boi", "khu", "cong chao"}
)
PLACE_NOUNS = ROAD_NOUNS | OFFICE_NOUNS | SITE_NOUNS
FIRST_WORDS_OF_NOUNS = frozenset(noun.split(" ")[0] for noun in PLACE_NOUNS)
LAST_WORDS_OF_NOUNS = frozenset(noun.split(" ")[-1] for noun in PLACE_NOUNS)
# Of them, those that are more often another word without marks (cho, cong, bien, ...): there they
# open a place only right before its name.
NOUNS_NEEDING_MARKS = frozenset(
    {"cho", "cong", "hon", "ben", "dao", "bai", "lo", "cau", "pha", "mieu", "chua", "bien"}
)
# Those that nearly always are another word without marks (con, ho, to, ...).
NOUNS_ONLY_WITH_MARKS = frozenset(
    {"con", "de", "ho", "to", "cap", "khu", "ke", "dinh", "pho", "tuyen", "dg"}
)
# "hối lộ 50 triệu" and "tiết lộ" are no roads: the word before makes another word of the noun.
OTHER_WORDS = frozenset({("hoi", "lo"), ("tiet", "lo"), ("boc", "lo"), ("bieu", "lo")})
# A temple or church bears its own name, which only looks like a commune's.
OWN_NAME_NOUNS = frozenset({"chua", "mieu", "nha tho", "thanh that"})
# How they look with marks; a marked word that looks otherwise is another word.
MARKED_NOUNS = frozenset(
    "đường lộ hẻm kiệt tuyến phố đại quốc tỉnh hương cao tốc ủy uỷ ban một cửa công an trạm y tế"
    " hành chính chợ nhà lồng cầu cống trường bệnh viện chùa miếu đình thờ thánh thất kinh kênh"
    " rạch sông mương đê bờ kè bãi rác biển núi hòn đảo cù lao cồn vàm bến phà đò xe tàu cảng ngã"
    " ba tư năm vòng xoay bùng binh viên quảng khu dân cư cụm đô thị nghiệp ấp khóm tổ sân bay"
    " vỉa hè hồ cây xăng khẩu trại giam nghĩa trang bờ địa vận động văn hóa tượng đài chung số"
    " tiểu học mầm non mẫu giáo bơi cổng chào nhân đg đt".split()
)
# Words that may stand between such a noun and the name: "đường tránh Núi Sập", "cầu gần chợ ...".
BETWEEN = frozenset(
    "cap mot hai ba tieu hoc thcs thpt mam non mau giao so tranh vo ra khuc doan gan truoc sau ben"
    " canh ke qua ngang noi dai moi cu cho cau truong hau tien ven bien hanh lang lien lo nga ba tu"
    " cong duong kinh kenh rach song ngay dau cuoi giua tren duoi bac nam dong tay".split()
)
# A name after one of these is a person's: "anh Vĩnh Hòa", "bà Sáu".
TITLES = frozenset("anh chị ông bà chú cô thầy bác dì cậu mợ thím má".split())

# Signs that end a thought: two names with one of them in between are two places.
BREAKS = frozenset("!?;:\n\r…|")
