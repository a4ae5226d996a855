"""What `doctor` checks of a shared store: the server, the tables, and every row as the commands read it."""

import time

from segcli.backends.postgresql import citus
from segcli.backends.postgresql.server import Server
from segcli.backends.postgresql.wire import Wire
from segcli.backends.store.database import Connection
from segcli.backends.store.verify import verify
from segcli.backends.store.verify_history import describe, extent, verify_history

_SERVER = (
    "SELECT current_setting('server_version'), pg_is_in_recovery(),"
    " floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint, current_setting('server_encoding')"
)
_CLOCK_OFF = 5.0  # seconds


def check_server(wire: Wire, server: Server) -> str:
    """The server, its role in a replication and its clock, for people."""
    version, is_standby, milliseconds, encoding = wire.run(_SERVER).fetchall()[0]
    off = milliseconds / 1000 - time.time()
    host = wire.info.host or "a socket"
    role = "a standby, which cannot be written" if is_standby else "accepts writes"
    clock = "its clock is right" if abs(off) < _CLOCK_OFF else f"its clock is {off:+.0f} s off"
    texts = "" if encoding == "UTF8" else f"; its encoding is {encoding}: expected UTF8"
    version = version.partition(" ")[0]
    nodes = f"; {citus.describe(wire, server.schema)}" if citus.is_installed(wire) else ""
    return f"PostgreSQL {version} at {host}:{wire.info.port}, {role}; {clock}{texts}{nodes}"


def check_history(connection: Connection, *, exists: bool) -> str:
    """The extent of the history, for people. Raises TypeError or ValueError if it is damaged."""
    if not exists:
        return "no changes yet"
    verify_history(connection)
    return describe(extent(connection))


def check_tables(connection: Connection, place: str, schema: str, *, exists: bool) -> str:
    """The state of the store, for people. Raises TypeError or ValueError if it is damaged."""
    if not exists:
        return f"{place} has no data yet; the first write creates the store"
    verify(connection)
    return f"{place} is intact; its tables are in the schema {schema}"
