"""The tables of a store.

`segment_record` has each text twice, as it is and as it is compared. `membership` has the accounts of a
segment in blocks (blocks.py). `membership_size` is locked first by every writer of memberships; its version
grows with every change, and its checksum tells a damaged count from another one. `change` has what one
transaction did to one segment, `change_accounts` which accounts joined and left (parts.py); the first change
of a run has no `run`, because its id is that number. `customer` has what is known about accounts; a member of
a segment need not be one. It has a text as it is compared only if that is not the text in lower case: half as
much is written. `customer_version` has one row, which every writer of customers locks first and gives another
version. Dates are microseconds since 1970 UTC.
"""

from typing import NamedTuple


def compared(column: str) -> str:
    """A text of a customer as it is compared. `lower` changes only ASCII, and only that is left to it."""
    return f"coalesce({column}_folded, lower({column}))"


# With `is_active`, a look-up of many identifiers reads no row, which would be somewhere else for each.
CUSTOMER_INDEXES = {
    f"customer_by_{column}": f"CREATE INDEX customer_by_{column} ON customer ({compared(column)}{more})"
    for column, more in (
        ("email", ", is_active"),
        ("user_name", ", is_active"),
        ("external_id", ", is_active"),
        ("customer_set", ""),
    )
}


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
        f"""
        CREATE TABLE change (
            id {types.id},
            token {types.text} NOT NULL,
            run {types.integer},
            undoes {types.integer},
            changed_at {types.integer} NOT NULL,
            changed_by {types.text},
            command {types.text},
            reason {types.text},
            segment_id {types.integer} NOT NULL,
            code {types.text} NOT NULL,
            kind {types.text} NOT NULL,
            segment_before {types.text},
            segment_after {types.text},
            joined {types.integer} NOT NULL,
            departed {types.integer} NOT NULL,
            digest {types.text},
            is_exact {types.integer} NOT NULL,
            is_complete {types.integer} NOT NULL
        ) {types.options}
        """,
        "CREATE INDEX change_by_segment ON change (segment_id, changed_at)",
        "CREATE INDEX change_by_time ON change (changed_at, id)",
        "CREATE INDEX change_by_run ON change (run)",
        "CREATE INDEX change_by_code ON change (code, changed_at, segment_id)",
        f"""
        CREATE TABLE change_accounts (
            change_id {types.integer} NOT NULL,
            segment_id {types.integer} NOT NULL,
            part {types.integer} NOT NULL CHECK (part BETWEEN 0 AND 31),
            joined {types.blob},
            departed {types.blob},
            checksum {types.integer} NOT NULL,
            PRIMARY KEY (change_id, segment_id, part)
        ) {types.clustered}
        """,
        "CREATE INDEX change_accounts_by_part ON change_accounts (part, change_id)",
        f"""
        CREATE TABLE customer (
            id {types.integer} NOT NULL PRIMARY KEY CHECK (id BETWEEN 1 AND 2147483647),
            email {types.text},
            user_name {types.text},
            external_id {types.text},
            customer_set {types.text},
            is_anonymous {types.integer} NOT NULL CHECK (is_anonymous BETWEEN 0 AND 1),
            is_active {types.integer} NOT NULL CHECK (is_active BETWEEN 0 AND 1),
            email_folded {types.text},
            user_name_folded {types.text},
            external_id_folded {types.text},
            customer_set_folded {types.text}
        ) {types.options}
        """,
        *CUSTOMER_INDEXES.values(),
        f"""
        CREATE TABLE customer_version (
            id {types.integer} NOT NULL PRIMARY KEY CHECK (id = 1),
            version {types.integer} NOT NULL
        ) {types.options}
        """,
        "INSERT INTO customer_version (id, version) VALUES (1, 0)",
    )
