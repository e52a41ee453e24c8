"""One messenger per package: verify, parse, send. Nothing here knows what is being said."""
