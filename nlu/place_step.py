"""The step of the pipeline that finds places. Without a gazetteer it finds none."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nlu.entities.folded import without_overlaps
from nlu.reading import Reading
from nlu.understanding import Entity

if TYPE_CHECKING:
    from nlu.places import PlaceResolver

KIND = "place"
_FOLDER = "gazetteer"


class PlaceEntities:
    """Adds the places named in the message, with the commune each belongs to today."""

    def __init__(self, resolver: PlaceResolver | None) -> None:
        self.resolver = resolver

    @classmethod
    def from_tables(cls, folder: Path | None) -> PlaceEntities:
        """Compile the gazetteer's tables; None means that there is no gazetteer."""
        if folder is None:
            return cls(None)
        from nlu.places import PlaceResolver

        return cls(PlaceResolver.from_tables(folder))

    def read(self, reading: Reading) -> None:
        if self.resolver is None:
            return
        places = [
            Entity(
                KIND,
                match.value,
                match.start,
                match.end,
                {
                    "commune": match.commune,
                    "code": match.code,
                    "confidence": round(match.confidence, 4),
                    "lat": match.lat,
                    "lon": match.lon,
                },
            )
            for match in self.resolver.find(reading.text)
        ]
        reading.entities = without_overlaps([reading.entities, places])

    def save(self, folder: Path) -> None:
        if self.resolver is not None:
            (folder / _FOLDER).mkdir()
            self.resolver.save(folder / _FOLDER)

    @classmethod
    def load(cls, folder: Path) -> PlaceEntities:
        if not (folder / _FOLDER).is_dir():
            return cls(None)
        from nlu.places import PlaceResolver

        return cls(PlaceResolver.load(folder / _FOLDER))
