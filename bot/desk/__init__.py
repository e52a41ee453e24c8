"""The staff's Telegram group: what it is told, and what officers do there."""
