"""The administrators' pages at /staff/admin: people, the province's tables, the log of changes."""

from bot.staff_pages.admin.agencies import Agencies
from bot.staff_pages.admin.log import ChangeLog
from bot.staff_pages.admin.overview import Overview
from bot.staff_pages.admin.people import People
from bot.staff_pages.admin.table_pages import TablePages

PARTS = (Overview, People, Agencies, TablePages, ChangeLog)
"""Whatever has routes there."""

__all__ = ["PARTS"]
