"""Where the user's files are, and the one way to create private folders and replace private files."""

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO

_APP = "segments"
NEW = ".new-"  # starts the names of files and folders that are not yet in their place
_XDG = {
    "data": ("XDG_DATA_HOME", ".local/share"),
    "config": ("XDG_CONFIG_HOME", ".config"),
    "cache": ("XDG_CACHE_HOME", ".cache"),
    "state": ("XDG_STATE_HOME", ".local/state"),
}


def user_folder(kind: str) -> str:
    """The folder for our `data`, `config`, `cache` or `state` files, as platformdirs defines it.

    On Linux the rule is short (the XDG base directories), and importing platformdirs takes as long as a
    tenth of `gh --version`: so it is implemented here, and a test compares it with the library.
    """
    if sys.platform == "linux" and not hasattr(sys, "getandroidapilevel"):
        variable, below_home = _XDG[kind]
        base = os.environ.get(variable, "")
        if not os.path.isabs(base):
            base = os.path.join(os.path.expanduser("~"), below_home)
        return os.path.join(base, _APP)
    import platformdirs

    folder: str = getattr(platformdirs, f"user_{kind}_dir")(_APP, appauthor=False)
    return folder


def make_private_folder(folder: str) -> None:
    """Creates `folder` and its missing parents, accessible only by their owner. Raises OSError."""
    if os.path.isdir(folder):
        return
    make_private_folder(os.path.dirname(folder))
    try:
        os.mkdir(folder, 0o700)
    except FileExistsError:
        if not os.path.isdir(folder):
            raise


def writable_by_others(path: str) -> str | None:
    """Why other users can change a file or folder: its owner, or its mode.

    None if only its owner and root can, if it does not exist, or on Windows. Access control lists are not
    read.
    """
    if sys.platform == "win32":
        return None
    try:
        status = os.stat(path)
    except OSError:
        return None
    if status.st_uid not in (os.geteuid(), 0):
        return f"belongs to another user (uid {status.st_uid})"
    if status.st_mode & 0o022:
        return f"is writable by other users (mode {status.st_mode & 0o7777:04o})"
    return None


def readable_by_others(path: str) -> str | None:
    """The mode of a file, such as "0644", if other users can read it; None as `writable_by_others`."""
    if sys.platform == "win32":
        return None
    try:
        mode = os.stat(path).st_mode
    except OSError:
        return None
    return f"{mode & 0o7777:04o}" if mode & 0o044 else None


def replace_private_file(path: str, text: str, *, sync: bool = False) -> None:
    """Writes a file in one step: readers see the old content or the new, and only the owner can read it.

    `sync` makes it survive a power failure. If `path` is a symbolic link, the file it points to is
    replaced. Raises OSError, and leaves nothing behind.
    """
    import tempfile

    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    make_private_folder(folder)
    handle, new = tempfile.mkstemp(dir=folder, prefix=NEW)  # mode 0600 from its first byte
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            if sync:
                os.fsync(file.fileno())
        os.replace(new, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(new)
        raise


def new_private_file(name: str) -> str:
    """Creates an empty file for temporary text, which only its owner can read, and returns its path.

    `name` is the end of the file's name. Raises OSError.
    """
    import tempfile

    handle, path = tempfile.mkstemp(prefix=f"{_APP}-", suffix=f"-{name}")
    os.close(handle)
    return path


@contextmanager
def replaced_file(path: str) -> Iterator[TextIO]:
    """A new file, which replaces the one at `path` in one step at the end of the block.

    It has the mode of the old one; if `path` is a symbolic link, the file it points to is replaced. Raises
    OSError; if the block fails, nothing is changed.
    """
    target = os.path.realpath(path)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    new = os.path.join(os.path.dirname(target), f"{NEW}{os.urandom(8).hex()}")
    try:
        with open(new, "x", encoding="utf-8", newline="\n") as file:
            with suppress(OSError):
                os.chmod(new, stat.S_IMODE(os.stat(target).st_mode))
            yield file
        os.replace(new, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(new)
        raise


@contextmanager
def replaced_folder(path: str, last: str) -> Iterator[str]:
    """A new folder for files, and folders with files, which get to `path` at the end of the block.

    If there is no folder at `path`, it appears complete. In an existing one, other files are kept, and the
    file `last` is replaced after all others. Raises OSError; if the block fails, nothing is changed.
    """
    import shutil

    target = os.path.realpath(path)
    exists = os.path.isdir(target)
    parent = target if exists else os.path.dirname(target)
    os.makedirs(parent, exist_ok=True)
    new = os.path.join(parent, f"{NEW}{os.urandom(8).hex()}")
    os.mkdir(new)
    try:
        yield new
        if exists:
            _move_files(new, target, last)
        else:
            os.rename(new, target)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _move_files(source: str, target: str, last: str) -> None:
    """Moves the files in `source`, and in the folders in it, to a folder on the same file system."""
    found: list[str] = []
    for folder, folders, files in os.walk(source):
        below = os.path.relpath(folder, source)
        found += [os.path.normpath(os.path.join(below, name)) for name in files]
        for name in folders:
            new = os.path.join(target, below, name)
            if os.path.islink(new):
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), new)
            os.makedirs(new, exist_ok=True)
    for name in sorted(found, key=lambda name: (name == last, name)):
        os.replace(os.path.join(source, name), os.path.join(target, name))
