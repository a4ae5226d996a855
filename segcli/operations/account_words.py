"""The accounts of ACCOUNT arguments: ids, or other identifiers with a prefix, which are looked up."""

from collections.abc import Sequence

from segcli.backends.base import Backend
from segcli.model import STDIN, parse_account_id
from segcli.terminal.streams import Terminal


def accounts_named(
    backend: Backend, terminal: Terminal, words: Sequence[str], customer_set: str | None
) -> list[int]:
    """The accounts in their order, each once; the lines of stdin in place of `-`.

    `customer_set` is the one of customers that are not named by their account ids. Raises NotFoundError or
    UsageError for the first word that is not certainly one account.
    """
    if STDIN in words:
        from segcli.inputs.words import with_stdin

        words = with_stdin(words)
    if any(":" in word or "@" in word for word in words):  # more than account ids
        from segcli.operations.identified import accounts_of_words

        return list(dict.fromkeys(accounts_of_words(backend, terminal, words, customer_set)))
    return list(dict.fromkeys(map(parse_account_id, words)))
