"""The web chat: a page, its socket, its uploads, and delivery straight from the outbox."""
