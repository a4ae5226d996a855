"""One run at a time on a tenant, of those of one user on this machine."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256

from segcli.errors import ConflictError, OutputError
from segcli.paths import make_private_folder, user_folder


@contextmanager
def one_at_a_time(place: str) -> Iterator[None]:
    """Holds the lock of the backend at `place` while the block runs; it ends with the process.

    Raises ConflictError if another process holds it, OutputError if there can be no lock.
    """
    from filelock import FileLock, Timeout

    folder = os.path.join(user_folder("state"), "locks")
    lock = FileLock(os.path.join(folder, f"apply-{sha256(place.encode()).hexdigest()[:32]}"), timeout=0)
    try:
        make_private_folder(folder)
        lock.acquire()
    except Timeout:
        raise ConflictError(
            f"another segments apply is changing {place.split()[0]}; nothing was changed",
            hint="wait until it has ended, then run the command again",
        ) from None
    except OSError as error:
        raise OutputError(
            f"{folder} cannot hold the lock of this run: {error.strerror or error}; nothing was changed",
            hint="make the folder writable, or set XDG_STATE_HOME",
        ) from error
    try:
        yield
    finally:
        lock.release()
