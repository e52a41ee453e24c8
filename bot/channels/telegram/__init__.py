"""Telegram: webhook and polling, sending, files, groups."""

from bot.channels.telegram.channel import TelegramChannel, TelegramOff

__all__ = ["TelegramChannel", "TelegramOff"]
