"""Where it is: words, a shared location, a commune; and what is enough."""

from __future__ import annotations

from bot.dialogue.flows.report.draft import Draft, draft_of, editing
from bot.dialogue.heard import Heard, Mention
from bot.dialogue.phrases import fold, says_nothing_more, words_of
from bot.dialogue.state import Frame
from bot.dialogue.talk import Talk
from bot.messages import Location
from nlu.places.words import FIRST_WORDS_OF_NOUNS, UNIT_WORDS

PLACE_TEXT_LIMIT = 500
"""Characters of an answer to "where" that are kept as the place."""

NEIGHBOURING_GAP = 3
"""Two place names with no more than this between them are one address."""

FEWEST_LETTERS = 2
"""A text with fewer letters and digits names no place."""


PLACES_ANSWER_FROM = 5
"""So many words without one that belongs to places are no answer to "where"."""

_PLACE_WORDS = (
    FIRST_WORDS_OF_NOUNS
    | {word for words in UNIT_WORDS for word in words.split()}
    | set("nha quan tiem goc dau cuoi gan canh ke truoc sau doi dien ngang cho so khu day".split())
)


def missing_place(frame: Frame) -> bool:
    draft = draft_of(frame)
    return not draft.has_place and not draft.where_settled


def missing_commune(frame: Frame) -> bool:
    draft = draft_of(frame)
    known = draft.commune_code is not None or draft.latitude is not None
    return not known and not draft.where_settled


def ask_place(talk: Talk, frame: Frame) -> None:
    with editing(frame) as draft:
        again = draft.where_asked > 0
        draft.where_asked = max(draft.where_asked, 1)
        urgent = draft.urgency == "urgent"
    if again:
        talk.ask(frame, "utter_report_ask_where_again")
    else:
        talk.ask(frame, "utter_report_ask_where_urgent" if urgent else "utter_report_ask_where")


def ask_commune(talk: Talk, frame: Frame) -> None:
    draft = draft_of(frame)
    names = [fact.name for code in draft.communes if (fact := talk.local.commune(code))]
    if len(names) == 2:
        talk.ask(
            frame,
            "utter_report_ask_which_commune",
            first=names[0],
            second=names[1],
            first_code=draft.communes[0],
            second_code=draft.communes[1],
        )
    else:
        talk.ask(frame, "utter_report_ask_commune", place=draft.place_text or "")


def names_only_a_place(heard: Heard) -> bool:
    """Whether a text is a place and says nothing of what happens there: "ở chợ Rạch Sỏi nha"."""
    places = [place for place in heard.all("place") if not place.words]
    if not places:
        return False
    rest, end = [], 0
    for place in sorted(places, key=lambda place: place.start):
        rest.append(heard.text[end : place.start])
        end = place.end
    return says_nothing_more(" ".join([*rest, heard.text[end:]]))


def answers_where(heard: Heard) -> bool:
    """Whether a text may be a place; "mấy ổng làm việc kỳ cục" goes on with the story."""
    words = words_of(heard.text).split()
    if heard.control is not None or len(words) < PLACES_ANSWER_FROM or heard.first("place"):
        return True
    return any(word in _PLACE_WORDS or not word.isalpha() for word in words)


def take_place(talk: Talk, frame: Frame, heard: Heard) -> bool:
    """The answer to "where": any text will do; "không biết" twice is an answer as well."""
    if heard.control in ("unknown", "skip", "no", "yes"):
        place_unknown(frame)
        return True
    if sum(letter.isalnum() for letter in heard.text) < FEWEST_LETTERS:
        return False
    with editing(frame) as draft:
        place_named(draft, heard, whole_answer=True)
    return True


def place_unknown(frame: Frame) -> None:
    """Asked once more; the second time it is an answer."""
    with editing(frame) as draft:
        draft.where_settled = draft.where_asked > 1
        draft.where_asked += 1


def take_commune(talk: Talk, frame: Frame, heard: Heard) -> bool:
    """The answer to "which commune"; asked once, then the place is taken as it is."""
    with editing(frame) as draft:
        draft.where_settled = True
        if heard.control in ("unknown", "skip", "no", "yes"):
            return True
        if sum(letter.isalnum() for letter in heard.text) < FEWEST_LETTERS:
            return False
        before = draft.place_text
        place_named(draft, heard, whole_answer=True)
        if before and draft.place_text and draft.place_text not in before:
            draft.place_text = f"{before}, {draft.place_text}"[:PLACE_TEXT_LIMIT]
    return True


def place_named(draft: Draft, heard: Heard, *, whole_answer: bool) -> bool:
    """Take the place from a text; False when it names none.

    Args:
        whole_answer: the text answers "where", so all of it is the place.
    """
    places = heard.all("place")
    if not places and not whole_answer:
        return False
    words = _address(heard, places) if places and not whole_answer else heard.text.strip()
    draft.place_text = words[:PLACE_TEXT_LIMIT]
    draft.latitude = draft.longitude = None
    draft.commune_code, draft.communes = _communes(places)
    return True


def _address(heard: Heard, places: list[Mention]) -> str:
    """The words of all place names; neighbours keep what stands between them."""
    parts: list[str] = []
    end: int | None = None
    start = 0
    for place in places:
        if place.words:
            parts.append(place.words)
        elif end is not None and 0 <= place.start - end <= NEIGHBOURING_GAP:
            parts[-1] = heard.text[start : place.end]
            end = place.end
        else:
            start, end = place.start, place.end
            parts.append(heard.words(place))
    return ", ".join(dict.fromkeys(part.strip() for part in parts))


def _communes(places: list[Mention]) -> tuple[str | None, list[str]]:
    """The commune that the names point to, and the two it may be when they cannot tell."""
    known = [place for place in places if place.extra.get("code")]
    if known:
        best = max(known, key=lambda place: float(place.extra.get("confidence") or 0.0))
        return str(best.extra["code"]), []
    for place in places:
        options = [str(code) for code in place.extra.get("alternatives") or ()]
        if len(options) == 2:
            return None, options
    return None, []


def take_location(talk: Talk, frame: Frame, here: Location) -> None:
    """A shared location; outside the province it is accepted, and the person is told."""
    commune = talk.local.nearest_commune(here.latitude, here.longitude)
    with editing(frame) as draft:
        draft.latitude, draft.longitude = here.latitude, here.longitude
        draft.commune_code = commune.code if commune else None
        draft.communes = []
        draft.where_settled = True
    if commune is None:
        talk.say("utter_report_outside")


def place_line(talk: Talk, draft: Draft) -> str:
    """The place in words, for the summary."""
    commune = talk.local.commune(draft.commune_code) if draft.commune_code else None
    if draft.latitude is not None:
        name = commune.name if commune else ""
        shared = talk.text("utter_part_shared_location", commune=name).rstrip(" ,")
        return f"{draft.place_text} ({shared})" if draft.place_text else shared
    if draft.place_text is None:
        return talk.text("utter_part_place_unknown")
    if commune is None or fold(commune.name) in fold(draft.place_text):
        return draft.place_text
    return talk.text("utter_part_place_in", place=draft.place_text, commune=commune.name)
