"""What the words of a command line ask for: the function to call, with its arguments.

Typer decides what a line means, explains it and finds what is wrong with it. But Typer takes longer to
import than most commands to run, so a line that is plainly well-formed is read without it.
"""

from collections.abc import Sequence
from functools import partial

from segcli.arguments.quick import read_quickly
from segcli.session import Session


def read(arguments: Sequence[str], session: Session) -> partial[int] | None:
    """The call that `arguments` ask for, which takes the session; the common options are left with it.

    None where help or the version was asked for and has been written. Raises UsageError.
    """
    call = read_quickly(arguments, session)
    if call is None:
        from segcli.arguments.tree import read_with_typer

        call = read_with_typer(arguments, session)
    return call
