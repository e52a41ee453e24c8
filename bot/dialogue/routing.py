"""Which flow answers which intent, and what may interrupt an open question."""

from __future__ import annotations

import re

from nlu.conclusion import EMERGENCY_FROM

FLOW_OF_INTENT = {
    "emergency": "report",
    "report": "report",
    "petition": "report",
    "complaint": "complaint",
    "denunciation": "denunciation",
    "ask_procedure": "information",
    "ask_info": "information",
    "check_dossier": "dossier",
    "follow_dossier": "dossier",
    "check_ticket": "tickets",
    "add_to_ticket": "tickets",
    "withdraw_ticket": "tickets",
    "reopen_ticket": "tickets",
    "rate": "tickets",
    "talk_to_human": "handoff",
    "privacy_request": "privacy",
    "greet": "small_talk",
    "goodbye": "small_talk",
    "thank": "small_talk",
    "help": "small_talk",
    "ask_bot": "small_talk",
    "praise": "small_talk",
    "insult": "small_talk",
    "out_of_scope": "small_talk",
    "affirm": "small_talk",
    "deny": "small_talk",
    "cancel": "small_talk",
}

WORK = frozenset(
    {
        "emergency", "report", "petition", "complaint", "denunciation", "ask_procedure", "ask_info",
        "check_dossier", "follow_dossier", "check_ticket", "add_to_ticket", "withdraw_ticket",
        "reopen_ticket", "rate", "talk_to_human", "privacy_request", "praise",
    }
)  # fmt: skip
"""What a person comes for: taken up one after the other when a message holds several."""

INTERRUPTS = frozenset(
    {
        "emergency", "complaint", "talk_to_human", "privacy_request", "check_dossier",
        "check_ticket", "ask_procedure", "ask_info", "withdraw_ticket", "greet", "thank", "goodbye",
        "help", "ask_bot", "insult",
    }
)  # fmt: skip
"""What is answered at once, and the flow then goes on, while an answer in free text is awaited."""

GUESSED_FROM = {
    "report": 0.35,
    "petition": 0.35,
    "emergency": EMERGENCY_FROM,
    "talk_to_human": 0.8,
    "insult": 0.8,
    "help": 0.8,
    "ask_bot": 0.8,
    "praise": 0.8,
    "out_of_scope": 1.1,
}
"""Intents are taken up even when the model is not sure, from this confidence: a report shows a
summary before it is sent and a number to call does no harm, while handing over falls silent."""

GUESSED_FROM_ELSE = 0.6

GUESS_WORDS = {"report": 4, "petition": 4, "emergency": 3}
"""A guess needs so many words; other intents need `GUESS_WORDS_ELSE`."""

GUESS_WORDS_ELSE = 2

SECRET_FROM = 0.4
"""A denunciation is treated as one from this confidence on: what is kept cannot be unkept."""

SPEAKS_IN_SECRET = frozenset(
    {
        "emergency", "check_dossier", "check_ticket", "talk_to_human", "privacy_request",
        "greet", "thank", "goodbye", "help", "ask_bot", "ask_procedure", "follow_dossier",
    }
)  # fmt: skip
"""What is answered as usual right after a denunciation; anything else may be part of it."""

_QUESTION = re.compile(
    r"\?|\b(?:cho (?:em |minh |toi |tui )?hoi|o dau|bao nhieu|the nao|lam sao|may gio|khi nao"
    r"|bao gio|bao h|chung nao|sao roi|can (?:giay to )?gi|toi dau|den dau"
    r"|xong chua|gio lam viec|luc nao|ngay nao|bao lau"
    r"|la gi|la ai|cho nao|so may|ra sao|duoc (?:khong|ko|hong|hok)|dc (?:khong|ko|k)"
    r"|co (?:\w+ ){0,5}(?:khong|ko|hong|hok|chua)(?: (?:a|vay|ta|ad|em|anh|chi|ban))?$)\b"
)


def is_question(folded: str) -> bool:
    """Whether a folded text asks something, so that a place in it is not an answer."""
    return _QUESTION.search(folded) is not None
