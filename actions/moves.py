"""The table of a ticket's states and moves, read from data/ticket_moves.yml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actions.folding import folded
from actions.table_files import LocalTableInvalid, document
from store.cases import DeadlineKind
from store.tickets import Ticket, TicketState

ROLES = frozenset({"officer", "lead", "duty", "reporter", "system"})
NEEDS = frozenset({"answer", "after_photo", "text", "reason", "officer", "agency", "target"})
HEARERS = frozenset({"reporter", "followers", "agency", "officer", "above"})
HOLDERS = frozenset({"by", "given", "kept", "nobody"})
CLOCKS = frozenset({"runs", "paused", "stopped"})


@dataclass(frozen=True)
class StateFact:
    """A state: its name, as people read it, whether staff must act, and what its clocks do."""

    name: TicketState
    label: str
    open: bool
    clock: str


@dataclass(frozen=True)
class Move:
    """An allowed move; the words are explained in the table."""

    name: str
    label: str
    origins: frozenset[TicketState]
    to: TicketState
    who: frozenset[str]
    needs: frozenset[str]
    tells: frozenset[str]
    meets: frozenset[DeadlineKind]
    holder: str


@dataclass(frozen=True)
class Moves:
    """All that the table says."""

    states: Mapping[TicketState, StateFact]
    moves: Mapping[str, Move]
    fewest_words: int
    empty_phrases: tuple[str, ...]
    """Folded, the longest first."""
    after_photo_for: frozenset[str]
    days_to_confirm: int

    @classmethod
    def load(cls, path: Path) -> Moves:
        """Read the table.

        Raises:
            LocalTableInvalid: with the file, the place in it, the value and the mend.
        """
        return _Reader(path).read()

    def from_state(self, state: str) -> list[Move]:
        """The moves that a state allows, in the order of the table."""
        return [move for move in self.moves.values() if state in move.origins]

    def is_open(self, ticket: Ticket) -> bool:
        """Whether staff still have to do something."""
        return self.states[TicketState(ticket.state)].open

    def says_something(self, answer: str) -> bool:
        """Whether an answer tells what was done, and is not made of stock phrases."""
        left = f" {folded(answer)} "
        for phrase in self.empty_phrases:
            left = left.replace(f" {phrase} ", " ")
        return len(left.split()) >= self.fewest_words


class _Reader:
    """Reads the file and says of anything wrong where it stands."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Moves:
        loaded = document(self._path)
        try:
            states = [self._state(item) for item in loaded["states"]]
            moves = [self._move(item) for item in loaded["moves"]]
            answer = loaded["answer"]
            phrases = {folded(phrase) for phrase in answer["empty_phrases"]}
            missing = set(TicketState) - {state.name for state in states}
            if missing:
                raise self._wrong("states", sorted(missing)[0], "add a line for this state")
            return Moves(
                states={state.name: state for state in states},
                moves={move.name: move for move in moves},
                fewest_words=int(answer["fewest_words"]),
                empty_phrases=tuple(sorted(phrases, key=len, reverse=True)),
                after_photo_for=frozenset(loaded["after_photo_for"]),
                days_to_confirm=int(loaded["days_to_confirm"]),
            )
        except KeyError as error:
            raise self._wrong("the file or a line of it", error.args[0], "add this key") from None

    def _state(self, item: Mapping[str, Any]) -> StateFact:
        return StateFact(
            TicketState(self._one("states", item["name"], set(TicketState))),
            str(item["vi"]),
            bool(item["open"]),
            self._one(str(item["name"]), item["clock"], CLOCKS),
        )

    def _move(self, item: Mapping[str, Any]) -> Move:
        name = str(item["name"])

        def names(field: str, known: set[Any] | frozenset[str]) -> frozenset[str]:
            return frozenset(
                self._one(f"{name}.{field}", value, known) for value in item.get(field, ())
            )

        return Move(
            name=name,
            label=str(item["vi"]),
            origins=frozenset(TicketState(state) for state in names("from", set(TicketState))),
            to=TicketState(self._one(f"{name}.to", item["to"], set(TicketState))),
            who=names("who", ROLES),
            needs=names("needs", NEEDS),
            tells=names("tells", HEARERS),
            meets=frozenset(DeadlineKind(kind) for kind in names("meets", set(DeadlineKind))),
            holder=self._one(f"{name}.holder", item["holder"], HOLDERS),
        )

    def _one(self, where: str, value: object, known: set[Any] | frozenset[str]) -> str:
        if value not in known:
            raise self._wrong(where, value, f"write one of {', '.join(sorted(map(str, known)))}")
        return str(value)

    def _wrong(self, where: str, value: object, mend: str) -> LocalTableInvalid:
        return LocalTableInvalid(f"{self._path}: {where}: {value!r}: {mend}")
