"""Remembers: SQLAlchemy models, engine and sessions, migrations. Imports nothing of ours."""
