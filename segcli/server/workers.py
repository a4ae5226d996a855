"""Backends wait: for a disk, a lock, a network. So their calls run on threads, beside the event loop."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import local
from typing import Any

from segcli.backends.base import Backend
from segcli.errors import SegcliError
from segcli.server.calls import Call
from segcli.server.responses import ProblemError, encode, problem_of
from segcli.server.routes import Operation

_READERS = 4


class Workers:
    """Threads with a backend each. Writes have one thread: a store has one writer at a time anyway,
    and writers on several would wait for each other by sleeping. What a local store reads by a key
    is there before a thread has woken up, so that is read at once."""

    def __init__(self, open_backend: Callable[[], Backend]) -> None:
        """`open_backend` opens a new one each time it is called, in any thread."""
        self._open_backend = open_backend
        self._readers = ThreadPoolExecutor(_READERS, "reader")
        self._writer = ThreadPoolExecutor(1, "writer")
        self._own = local()
        self._opened: list[Backend] = []

    async def run(self, operation: Operation[Backend], call: Call) -> bytes:
        """Carries out one operation and answers its JSON. Raises ProblemError."""
        if operation.brief and self._backend().reads_are_local:
            return self._act(operation, call)
        pool = self._writer if operation.writes else self._readers
        return await asyncio.get_running_loop().run_in_executor(pool, self._act, operation, call)

    def close(self) -> None:
        """Waits for calls under way, and closes every backend."""
        for pool in (self._readers, self._writer):
            pool.shutdown(cancel_futures=True)
        for backend in self._opened:
            backend.close()

    def _act(self, operation: Operation[Backend], call: Call) -> bytes:
        try:
            document = operation.act(self._backend(), call)
        except SegcliError as error:
            raise ProblemError(problem_of(error)) from error
        return answer_of(operation, call, document)

    def _backend(self) -> Backend:
        backend: Backend | None = getattr(self._own, "backend", None)
        if backend is None:
            backend = self._own.backend = self._open_backend()
            self._opened.append(backend)
        return backend


def answer_of(operation: Operation[Any], call: Call, document: object) -> bytes:
    """What `operation` answers with, as far as the call's mask lets it through."""
    if operation.answer is None:
        return b""
    return encode(call.mask.apply(document) if call.mask else document)
