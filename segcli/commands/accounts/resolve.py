"""segments accounts resolve"""

from typing import Annotated

from segcli.commands.accounts.options import ByOption, ColumnOption
from segcli.commands.options import CustomerSetOption, set_of
from segcli.session import Session
from segcli.spec import Argument, command


@command(
    "accounts resolve",
    "segments accounts resolve emails.txt -o csv > resolved.csv",
    "segments accounts resolve customers.csv --column id --by id -o json",
)
def resolve(
    session: Session,
    file: Annotated[
        str,
        Argument(metavar="FILE", complete="file", help="Text, CSV, JSON or JSON lines; - is stdin."),
    ],
    column: ColumnOption = None,
    by: ByOption = None,
    customer_set: CustomerSetOption = None,
) -> int:
    """Print a file with the account of each row; change nothing.

    The columns accountId and outcome are added. Exit code 1 if a row has no certain account; it keeps an
    account id of its own. Commands that read the output need not look up the other rows again.
    """
    from segcli.inputs.source import Source
    from segcli.operations.resolve import resolve as operation

    source = Source(file=file, column=column, by=by, customer_set=set_of(session, customer_set))
    return session.run(operation, session.terminal, source)
