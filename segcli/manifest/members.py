"""The files of accounts that a manifest names, which must be in its folder."""

import os
import stat
from pathlib import PurePosixPath, PureWindowsPath
from typing import Final

from segcli.account_set import AccountSet
from segcli.errors import UsageError
from segcli.inputs.collect import collect
from segcli.inputs.reader import read_accounts
from segcli.inputs.rejects import refuse
from segcli.manifest.places import Place


class Members:
    """Reads files in the folder of a manifest; `folder` is None if it has none."""

    def __init__(self, folder: str | None, *, allow_empty: bool) -> None:
        self._folder: Final = folder
        self._real: Final = os.path.realpath(folder or "")
        self._allow_empty: Final = allow_empty

    def read(self, place: Place, file: str, column: str | None = None) -> AccountSet:
        """The accounts of `file`, which the value at `place` names. Raises UsageError."""
        path = self._path(place, file)
        try:
            accounts = collect(read_accounts(path, column=column, reject=refuse)).accounts
        except UsageError as error:
            raise error.with_hint(f"{place} names this file") from error
        if not accounts and not self._allow_empty:
            raise place.error(
                f"{file} contains no accounts",
                "pass --allow-empty if that is intended, or write ids: []",
            )
        return accounts

    def _path(self, place: Place, file: str) -> str:
        """The path of a regular file in the folder, also after links are followed. Raises UsageError."""
        if self._folder is None:
            raise place.error(
                f"{file}: a manifest from stdin cannot name files",
                "save it as a file, or pass the folder that contains it",
            )
        inside = "expected a path inside the folder of the manifest"
        absolute = os.path.isabs(file) or PureWindowsPath(file).drive or file.startswith(("/", "\\"))
        if absolute or ".." in PurePosixPath(file.replace("\\", "/")).parts:
            raise place.error(f"{file}: {inside}")
        if not file or "\0" in file:
            raise place.error("expected the name of a file")
        path = os.path.join(self._folder, file)
        try:
            real = os.path.realpath(path, strict=True)
            mode = os.stat(real).st_mode
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise place.error(f"cannot read {file}: {reason}") from error
        if os.path.commonpath((self._real, real)) != self._real:
            raise place.error(f"{file} is a link to another folder: {inside}")
        if not stat.S_ISREG(mode):
            raise place.error(f"{file} is not a regular file")
        return path
