"""Writes the migration that brings the newest schema to that of the models.

Usage: .venv/bin/python -m scripts.new_migration "what changes"
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from alembic import command

from store.engine import Database
from store.migrate import alembic_config, migrate


def main(message: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'schema.db'}")
        migrate(database)
        config = alembic_config()
        with database.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.revision(config, message, autogenerate=True)
        database.dispose()


if __name__ == "__main__":
    main(" ".join(sys.argv[1:]))
