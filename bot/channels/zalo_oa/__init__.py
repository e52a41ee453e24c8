"""Zalo Official Account: webhook, sending, tokens, files."""

from bot.channels.zalo_oa.channel import ZaloOaChannel, ZaloOaOff

__all__ = ["ZaloOaChannel", "ZaloOaOff"]
