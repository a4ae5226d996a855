"""A connection to the server that Ctrl-C interrupts: the driver waits in `_wait` instead of in libpq."""

import select
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import psycopg2
from psycopg2 import extensions

from segcli.backends.postgresql.dialect import decode_text, encode_text, with_driver_parameters
from segcli.backends.store.dialect import Parameter

Trace = Callable[[str], None]
_STEP = 1_000  # milliseconds
_LOST = ("08", "57P")  # start the codes of errors that end a connection
_READ_ONLY = "25006"  # the server became a standby


class Wire(extensions.connection):
    """A connection; `deadline` is when connecting must be done, by the monotonic clock."""

    deadline: float | None
    on_step: Callable[[], None]
    trace: Trace | None = None

    def __init__(self, deadline: float, on_step: Callable[[], None], dsn: str, *args: Any) -> None:
        self.deadline = deadline
        self.on_step = on_step
        super().__init__(dsn, *args)
        self.deadline = None
        self.autocommit = True  # transactions are begun with statements

    def run(self, sql: str, parameters: Sequence[Parameter] = (), *, before: str = "") -> extensions.cursor:
        """Executes the statement, with `before` in the same request, and returns its result."""
        if self.trace is not None:
            self.trace(before + sql)
        cursor = self.cursor()
        values = [encode_text(each) if type(each) is str else each for each in parameters]
        cursor.execute(before + with_driver_parameters(sql), values)
        return cursor

    def run_raw(self, request: bytes) -> extensions.cursor:
        """Executes statements that have their parameters."""
        cursor = self.cursor()
        cursor.execute(request)
        return cursor

    @property
    def failed(self) -> bool:
        """Whether a statement of the transaction failed, so that only a rollback is possible."""
        return not self.closed and self.info.transaction_status == extensions.TRANSACTION_STATUS_INERROR


def connect(
    settings: dict[str, str], deadline: float, on_step: Callable[[], None], trace: Trace | None
) -> Wire:
    """A connection to one host. Raises psycopg2.OperationalError."""
    extensions.set_wait_callback(_wait)
    wire: Wire = psycopg2.connect(
        extensions.make_dsn(**settings), connection_factory=partial(Wire, deadline, on_step)
    )
    wire.trace = trace
    for type_ in _TYPES:
        extensions.register_type(type_, wire)
    return wire


def is_lost(error: BaseException, wire: Wire | None) -> bool:
    """Whether the error says that the connection is of no use any more."""
    if not isinstance(error, psycopg2.Error):
        return False
    code = error.pgcode or ""
    return code.startswith(_LOST) or code == _READ_ONLY or (wire is not None and bool(wire.closed))


def _wait(wire: extensions.connection) -> None:
    """Waits for the server. Ctrl-C and SIGTERM cancel the statement, and pass on."""
    connecting = isinstance(wire, Wire) and wire.deadline is not None
    try:
        while True:
            state = wire.poll()
            if state == extensions.POLL_OK:
                return
            step = float(_STEP)
            if isinstance(wire, Wire) and wire.deadline is not None:
                left = wire.deadline - time.monotonic()
                if left <= 0:
                    raise psycopg2.OperationalError("timeout expired")
                step = min(step, left * 1000 + 1)
            poller = select.poll()
            poller.register(wire.fileno(), select.POLLIN if state == extensions.POLL_READ else select.POLLOUT)
            if not poller.poll(step) and isinstance(wire, Wire) and connecting:
                wire.on_step()
    except KeyboardInterrupt:
        if not connecting:
            wire.cancel()
        raise


def _to_bytes(value: str | bytes | None, cursor: extensions.cursor | None) -> bytes | None:
    if not isinstance(value, str):
        return value
    if value.startswith("\\x"):
        return bytes.fromhex(value[2:])
    return bytes(psycopg2.BINARY(value, cursor))  # the server writes the older form


def _to_text(value: str | bytes | None, cursor: extensions.cursor | None) -> str | bytes | None:
    return decode_text(value) if isinstance(value, str) else value


def _to_integer(value: str | bytes | None, cursor: extensions.cursor | None) -> int | None:
    """A sum of bigints is numeric."""
    return None if value is None else int(value)


_TYPES = [
    extensions.new_type((17,), "SEGCLI_BYTES", _to_bytes),
    extensions.new_type((25, 705, 1043), "SEGCLI_TEXT", _to_text),
    extensions.new_type((1700,), "SEGCLI_INTEGER", _to_integer),
]
