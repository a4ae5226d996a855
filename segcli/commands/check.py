"""segments check"""

from typing import Annotated

from segcli.session import Session
from segcli.spec import Argument, Option, command


@command(
    "check",
    "segments check 'VIP >= 10' 'VIP and STAFF == 0'",
    "segments check 'STAFF <= 5% of VIP' -o json",
    "segments check --manifest segments.yaml",
)
def entry(
    session: Session,
    assertion: Annotated[
        list[str] | None,
        Argument(
            metavar="ASSERTION",
            complete="assertion",
            help="EXPRESSION OP NUMBER, or EXPRESSION OP P% of EXPRESSION; OP: == != < <= > >=.",
        ),
    ] = None,
    manifest: Annotated[
        str | None,
        Option(
            metavar="FILE",
            complete="file",
            help="Check the assertions of a manifest too: a file or a folder; - is stdin.",
        ),
    ] = None,
) -> int:
    """Check assertions about how many accounts expressions have.

    All of them are evaluated, on one state of the backend. The exit status is 10 if one does not hold.
    """
    from segcli.operations.check import check

    return session.run(check, session.terminal, assertion or (), manifest)
