"""Place words of a message -> today's commune, by the tables of a province."""

from nlu.places.resolver import PlaceMatch, PlaceResolver

__all__ = ["PlaceMatch", "PlaceResolver"]
