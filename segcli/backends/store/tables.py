"""The tables of a store.

`segment_record` has each text twice, as it is and as it is compared. `membership` has the accounts of a
segment in blocks (blocks.py). `membership_size` is locked first by every writer of memberships; its version
grows with every change, and its checksum tells a damaged count from another one. Dates are microseconds since
1970 UTC.
"""

from typing import NamedTuple


class Types(NamedTuple):
    """How a database writes the types of columns; `id` is that of a generated id that is never used again.

    `options` end a table, `clustered` one that is stored in the order of its primary key.
    """

    id: str
    integer: str
    text: str
    blob: str
    options: str
    clustered: str


def create_tables(types: Types) -> tuple[str, ...]:
    """The statements that create the tables of an empty store."""
    return (
        f"""
        CREATE TABLE segment_record (
            id {types.id} CHECK (id BETWEEN 1 AND 2147483647),
            code {types.text} NOT NULL UNIQUE,
            name {types.text},
            description {types.text},
            create_date {types.integer} NOT NULL,
            update_date {types.integer} NOT NULL,
            create_by {types.text},
            update_by {types.text},
            code_folded {types.text} NOT NULL,
            name_folded {types.text},
            description_folded {types.text},
            create_by_folded {types.text},
            update_by_folded {types.text}
        ) {types.options}
        """,
        "CREATE INDEX segment_record_by_code ON segment_record (code_folded, code)",
        f"""
        CREATE TABLE membership (
            segment_id {types.integer} NOT NULL,
            block {types.integer} NOT NULL CHECK (block BETWEEN 0 AND 32767),
            accounts {types.blob} NOT NULL,
            checksum {types.integer} NOT NULL,
            PRIMARY KEY (segment_id, block)
        ) {types.clustered}
        """,
        "CREATE INDEX membership_by_block ON membership (block, segment_id)",
        f"""
        CREATE TABLE membership_size (
            segment_id {types.integer} NOT NULL PRIMARY KEY,
            accounts {types.integer} NOT NULL CHECK (accounts BETWEEN 0 AND 2147483647),
            version {types.integer} NOT NULL,
            checksum {types.integer} NOT NULL
        ) {types.options}
        """,
    )
