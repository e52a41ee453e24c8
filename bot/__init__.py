"""Speaks: channels, inbox and outbox, dialogue, staff desk, pages, and the `caunoi` command."""
