"""Runs operations on threads: a backend waits for disk, locks or network, and the event loop must not."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import local

from segcli.backends.base import Backend
from segcli.backends.origin import Origin
from segcli.errors import SegcliError, StoreLockedError
from segcli.model import Collection, Segment
from segcli.query.tree import SegmentQuery
from segcli.result import Json
from segcli.server.calls import Call
from segcli.server.options import OpenBackend
from segcli.server.responses import ProblemError, encode, problem_of
from segcli.server.routes import Operation, Subject

_READERS = 4  # threads
_NO_WAIT = 0.0  # seconds


class Workers:
    """A pool of threads for reads and one thread for writes, each with its own backend.

    A store has one writer at a time anyway; several writing threads would only wait for each other's
    lock. Reading one row of a local store takes less time than waking a thread: such an operation runs
    on the event loop, on a backend that fails instead of waiting for a lock.
    """

    def __init__(self, open_backend: OpenBackend) -> None:
        """Raises SegcliError if the backend cannot be used."""
        first = open_backend(None)
        self._opened = [first]
        self._on_loop: Backend | None = None
        try:
            is_empty = _use(first).total_count == 0
            self._opened += [open_backend(None) for _ in range(_READERS)]
            if first.in_process:
                self._on_loop = open_backend(_NO_WAIT)
                self._opened.append(self._on_loop)
                self._open_store(create=is_empty)
        except BaseException:
            self._close_backends()
            raise
        self._unused = [backend for backend in self._opened if backend is not self._on_loop]
        self._readers = ThreadPoolExecutor(_READERS, "reader")
        self._writer = ThreadPoolExecutor(1, "writer")
        self._per_thread = local()

    def _open_store(self, *, create: bool) -> None:
        """Opens the store on every backend; `create` if it may not exist.

        Opened later, a backend could find that the file was moved or deleted, and take that for a store
        without data; opened now, it reports it.
        """
        first, *others = self._opened
        if create:
            with first.transaction():
                pass
        for backend in others:
            with suppress(StoreLockedError):
                _use(backend)

    async def run(self, operation: Operation[Backend], call: Call, client_id: str | None = None) -> bytes:
        """Executes an operation for a client and returns the response body. Raises ProblemError."""
        if operation.reads_one_row and self._on_loop is not None:
            try:
                return _execute(self._on_loop, operation, call, client_id)
            except ProblemError as error:
                if not isinstance(error.__cause__, StoreLockedError):
                    raise
        pool = self._writer if operation.writes else self._readers
        return await asyncio.get_running_loop().run_in_executor(
            pool, self._execute_here, operation, call, client_id
        )

    def close(self) -> None:
        """Waits for the operations in progress, drops those in the queue, and closes every backend."""
        for pool in (self._readers, self._writer):
            pool.shutdown(cancel_futures=True)
        self._close_backends()

    def _close_backends(self) -> None:
        for backend in self._opened:
            backend.close()

    def _execute_here(self, operation: Operation[Backend], call: Call, client_id: str | None) -> bytes:
        """Executes an operation on the backend of this thread."""
        backend: Backend | None = getattr(self._per_thread, "backend", None)
        if backend is None:
            backend = self._per_thread.backend = self._unused.pop()
        return _execute(backend, operation, call, client_id)


def _use(backend: Backend) -> Collection[Segment]:
    """Makes the backend's first request. Raises SegcliError."""
    return backend.get_segments(SegmentQuery(page_size=1))


def _execute(backend: Backend, operation: Operation[Backend], call: Call, client_id: str | None) -> bytes:
    """The response body of an operation, which the history records. Raises ProblemError."""
    try:
        if operation.writes:
            backend.record_as(Origin(by=client_id, command=operation.name))
        document = operation.execute(backend, call)
    except SegcliError as error:
        raise ProblemError(problem_of(error)) from error
    return response_body(operation, call, document)


def response_body(operation: Operation[Subject], call: Call, document: Json) -> bytes:
    """The body of a successful response: the fields of `document` that the client asked for.

    Empty if the operation has no response body.
    """
    if operation.response_schema is None:
        return b""
    return encode(call.mask.apply(document) if call.mask else document)
