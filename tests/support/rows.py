"""Reading and changing the rows of a store without segcli."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any


def rows(store: Path, statement: str) -> list[tuple[Any, ...]]:
    """The result of a statement, which is committed."""
    with closing(sqlite3.connect(store, isolation_level=None)) as connection:
        return connection.execute(statement).fetchall()
