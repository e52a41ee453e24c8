"""What became of a form that was sent a second time, or that was filled in on an old page."""

from __future__ import annotations


class SentAlready(Exception):
    """This officer has sent the very same just now: the button was pressed twice."""


class ChangedMeanwhile(Exception):
    """Something has happened since the officer opened the page."""
