"""segments diff"""

from typing import Annotated

from segcli.commands.options import (
    AccountsOption,
    AllowEmptySourceOption,
    MatchOption,
    MinMatchSourceOption,
    PruneExceptOption,
    PruneOption,
    SourceArgument,
)
from segcli.session import Session
from segcli.spec import Option, command


@command(
    "diff",
    "segments diff segments.yaml",
    "segments diff sqlite:backup.db --accounts --prune",
    "segments diff plan.json -v",
)
def entry(
    session: Session,
    source: SourceArgument,
    prune: PruneOption = False,
    prune_except: PruneExceptOption = None,
    accounts: AccountsOption = False,
    match: MatchOption = None,
    min_match: MinMatchSourceOption = None,
    allow_empty: AllowEmptySourceOption = False,
    exit_code: Annotated[bool, Option("--exit-code", help="Exit with 10 if there are differences.")] = False,
) -> int:
    """Show what apply would change; change nothing.

    With -v, some of the accounts are shown.
    """
    from segcli.operations.apply import diff
    from segcli.operations.apply_source import SourceOptions

    return session.run(
        diff,
        session.terminal,
        source,
        session.open_source,
        SourceOptions(prune, accounts, prune_except, allow_empty, match, min_match),
        exit_code=exit_code,
        samples=session.settings.verbose,
    )
