"""The step of the pipeline that finds codes, phone numbers and times."""

from __future__ import annotations

from pathlib import Path

from nlu.entities import dossier_code, moment, phone, ticket_code
from nlu.entities.folded import without_overlaps
from nlu.reading import Reading


class PatternEntities:
    """Adds the entities that patterns find; codes come before phone numbers, those before times."""

    def read(self, reading: Reading) -> None:
        folded = reading.folded
        reading.entities = without_overlaps(
            [
                reading.entities,
                dossier_code.find(folded),
                ticket_code.find(folded),
                phone.find(folded),
                moment.find(folded),
            ]
        )

    def save(self, folder: Path) -> None:
        """Nothing is learnt."""

    @classmethod
    def load(cls, folder: Path) -> PatternEntities:
        return cls()
