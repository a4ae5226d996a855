"""What `doctor` checks of a ledger: every change in the way that the commands read it, and its size."""

import os

from segcli.backends.history import ChangeQuery, History, format_moment


def check_ledger(path: str, history: History) -> str:
    """The extent of the ledger, for people. Raises StoreCorruptError if it is damaged, StoreError."""
    count, first = 0, None
    for change in history.changes(ChangeQuery()):
        history.accounts(change)
        count, first = count + 1, change.at
    if first is None:
        return "no changes of yours are recorded on this machine yet"
    changes = "1 change" if count == 1 else f"{count:,} changes"
    return f"{changes} since {format_moment(first)} in {path}, {os.stat(path).st_size / 1000:,.1f} kB"
