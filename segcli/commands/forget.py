"""segments forget"""

from segcli.commands.options import AccountsArgument, DryRunOption, YesOption, set_of
from segcli.session import Session
from segcli.spec import command


@command("forget", "segments forget 1001", "segments forget 1001 email:jane@example.com --dry-run")
def entry(
    session: Session, account: AccountsArgument, yes: YesOption = False, dry_run: DryRunOption = False
) -> int:
    """Remove accounts, their identifiers and history (asks first).

    For a request to erase personal data: it is recorded nowhere and cannot be undone.
    The store's file is rewritten, so that nothing is left in it. Backups, and files that
    you exported, are not covered.
    """
    from segcli.operations.upkeep import forget

    session.refuse_keys()
    return session.run_with_history(
        forget, session.terminal, account, yes=yes, dry_run=dry_run, customer_set=set_of(session)
    )
