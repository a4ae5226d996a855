"""What `doctor` checks of a ledger: every change in the way that the commands read it, and its size."""

import os

from segcli.backends.history import ChangeQuery, format_moment
from segcli.backends.store.backend import StoreBackend


def check_ledger(path: str, ledger: StoreBackend) -> str:
    """The extent of the ledger, for people. Raises StoreCorruptError if it is damaged, StoreError."""
    count, first = 0, None
    with ledger.snapshot():  # another process may prune it meanwhile
        for change in ledger.history.changes(ChangeQuery()):
            ledger.history.accounts(change)
            count, first = count + 1, change.at
    if first is None:
        return "no changes of yours are recorded on this machine yet"
    changes = "1 change" if count == 1 else f"{count:,} changes"
    return f"{changes} since {format_moment(first)} in {path}, {os.stat(path).st_size / 1000:,.1f} kB"
