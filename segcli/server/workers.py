"""Runs operations on threads: a backend waits for disk, locks or network, and the event loop must not."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import local

from segcli.backends.base import Backend
from segcli.errors import SegcliError
from segcli.result import Json
from segcli.server.calls import Call
from segcli.server.responses import ProblemError, encode, problem_of
from segcli.server.routes import Operation, Subject

_READERS = 4  # threads


class Workers:
    """A pool of threads for reads and one thread for writes, each with its own backend.

    A store has one writer at a time anyway; several writing threads would only wait for each other's
    lock. Reading one row of a local store takes less time than waking a thread: such an operation runs
    on the caller's thread.
    """

    def __init__(self, open_backend: Callable[[], Backend]) -> None:
        """`open_backend` is called once in each thread and returns a new backend."""
        self._open_backend = open_backend
        self._readers = ThreadPoolExecutor(_READERS, "reader")
        self._writer = ThreadPoolExecutor(1, "writer")
        self._per_thread = local()
        self._opened: list[Backend] = []

    async def run(self, operation: Operation[Backend], call: Call) -> bytes:
        """Executes an operation and returns the response body. Raises ProblemError."""
        if operation.reads_one_row and self._backend().reads_are_local:
            return self._execute(operation, call)
        pool = self._writer if operation.writes else self._readers
        return await asyncio.get_running_loop().run_in_executor(pool, self._execute, operation, call)

    def close(self) -> None:
        """Waits for the operations in progress, drops those in the queue, and closes every backend."""
        for pool in (self._readers, self._writer):
            pool.shutdown(cancel_futures=True)
        for backend in self._opened:
            backend.close()

    def _execute(self, operation: Operation[Backend], call: Call) -> bytes:
        try:
            document = operation.execute(self._backend(), call)
        except SegcliError as error:
            raise ProblemError(problem_of(error)) from error
        return response_body(operation, call, document)

    def _backend(self) -> Backend:
        """This thread's backend."""
        backend: Backend | None = getattr(self._per_thread, "backend", None)
        if backend is None:
            backend = self._per_thread.backend = self._open_backend()
            self._opened.append(backend)
        return backend


def response_body(operation: Operation[Subject], call: Call, document: Json) -> bytes:
    """The body of a successful response: the fields of `document` that the client asked for.

    Empty if the operation has no response body.
    """
    if operation.response_schema is None:
        return b""
    return encode(call.mask.apply(document) if call.mask else document)
