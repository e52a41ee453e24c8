"""The report (also petition and emergency): what, where, summary, sent."""

from bot.dialogue.flows.report.flow import ReportFlow

__all__ = ["ReportFlow"]
