"""Things a message names that a pattern can tell: codes, phone numbers, times."""
