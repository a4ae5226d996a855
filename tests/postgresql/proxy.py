"""A TCP proxy in front of the server that loses a connection at a statement, before or after it arrives."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Proxy:
    """Passes bytes on. `cut` is a statement at which the connection is lost, once.

    With `arrives` the server gets the statement, and its answer is lost; otherwise the server sees no more
    than that the client is gone.
    """

    def __init__(self, port: int) -> None:
        self._server = ("127.0.0.1", port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.cut: bytes | None = None
        self.arrives = False
        self.cuts = 0
        self._open: list[socket.socket] = []

    def stop_at(self, statement: bytes) -> None:
        """Loses the connection at the statement, which arrives, and accepts no other one after it."""
        self.cut, self.arrives = statement, True
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(self._server)
                self._open += [client, server]
                threading.Thread(target=self._pass_on, args=[client, server, True], daemon=True).start()
                threading.Thread(target=self._pass_on, args=[server, client, False], daemon=True).start()

    def close(self) -> None:
        for each in (self._listener, *self._open):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _pass_on(self, source: socket.socket, target: socket.socket, watch: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65_536):
                if watch and self.cut is not None and self.cut in data:
                    self.cut = None
                    self.cuts += 1
                    source.shutdown(socket.SHUT_RDWR)  # the client's side first: no answer reaches it
                    if self.arrives:
                        target.sendall(data)
                    break
                target.sendall(data)
            with suppress(OSError):
                target.shutdown(socket.SHUT_WR)
            with suppress(OSError):
                source.shutdown(socket.SHUT_RD)


@contextmanager
def in_front_of(port: int) -> Iterator[Proxy]:
    """A running proxy."""
    proxy = Proxy(port)
    thread = threading.Thread(target=proxy.accept, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()
