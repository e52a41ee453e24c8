"""The inbox of the desk: which cases somebody sees, in which order, and how many there are.

Whatever is kept, a page costs about the same: pages begin at a case and not at a number, counts
stop at `COUNTED_TO`, and every view has an index that leads through it.
"""

from actions.inbox.filter_choices import Choices, choices
from actions.inbox.filters import parts_of
from actions.inbox.news import came_since, newest, version
from actions.inbox.ordering import Place
from actions.inbox.pages import PAGE_SIZE, Count, Page, Row, counts, page, page_and_total
from actions.inbox.wanted import NOWHERE, Order, View, Wanted

__all__ = [
    "NOWHERE",
    "PAGE_SIZE",
    "Choices",
    "Count",
    "Order",
    "Page",
    "Place",
    "Row",
    "View",
    "Wanted",
    "came_since",
    "choices",
    "counts",
    "newest",
    "page",
    "page_and_total",
    "parts_of",
    "version",
]
