"""Reads a whole store in the way that the commands do, and compares what it says twice."""

from collections.abc import Iterator
from itertools import groupby, zip_longest

from segcli.backends.store import blocks, customer_rows, memberships
from segcli.backends.store.database import Connection
from segcli.backends.store.rows import segment_of
from segcli.backends.store.statements import SEGMENT_COLUMNS, folded

_SEGMENTS = (
    f"SELECT {SEGMENT_COLUMNS},"
    " code_folded, name_folded, description_folded, create_by_folded, update_by_folded"
    " FROM segment_record ORDER BY id"
)
_WITHOUT_COUNT = (
    "SELECT id FROM segment_record WHERE id NOT IN (SELECT segment_id FROM membership_size)"
    " UNION SELECT segment_id FROM membership_size WHERE segment_id NOT IN (SELECT id FROM segment_record)"
)


def verify(connection: Connection) -> None:
    """Raises TypeError or ValueError for the first problem; memory does not grow with the store."""
    for *row, code, name, description, create_by, update_by in connection.execute(_SEGMENTS):
        segment = segment_of(tuple(row))
        audit = segment.audit_info
        texts = folded(*segment[1:4], audit.create_by, audit.update_by)
        if texts != [code, name, description, create_by, update_by]:
            raise ValueError(f"a text of segment {segment.id} does not match its case-folded copy")
    for (segment_id,) in connection.execute(_WITHOUT_COUNT):
        raise ValueError(f"segment {segment_id} and the count of its accounts do not both exist")
    for found, stored in zip_longest(_found_sizes(connection), _stored_sizes(connection)):
        if found != stored:
            segment_id = min(size[0] for size in (found, stored) if size)
            raise ValueError(f"the accounts of segment {segment_id} differ from their count")
    customer_rows.verify(connection)


def _stored_sizes(connection: Connection) -> Iterator[tuple[int, int]]:
    sizes = map(memberships.Size.of, connection.execute(memberships.EVERY_SIZE))
    return ((size.segment_id, size.accounts) for size in sizes if size.accounts)


def _found_sizes(connection: Connection) -> Iterator[tuple[int, int]]:
    """The id of each segment that has accounts, and their number."""
    for segment_id, rows in groupby(connection.execute(memberships.EVERY_BLOCK), lambda row: row[0]):
        yield segment_id, sum(len(blocks.decode(row)) for row in rows)
