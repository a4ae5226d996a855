"""segments prune-history"""

from typing import Annotated

from segcli.backends import same_backend
from segcli.commands.options import DryRunOption, ReasonOption, YesOption
from segcli.session import Session
from segcli.spec import Option, command


@command(
    "prune-history",
    "segments prune-history --before 2026-01-01",
    "segments prune-history --before -365d --dry-run",
)
def entry(
    session: Session,
    before: Annotated[
        str | None, Option(metavar="MOMENT", help="A date, an RFC 3339 date and time, or -365d.")
    ] = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    reason: ReasonOption = None,
) -> int:
    """Remove the history before a moment for good (asks first).

    Without --before it is as long ago as the profile's keep_history says. Segments and
    accounts stay as they are; what was changed before can no longer be shown or undone.
    No other command removes history.
    """
    from time import time_ns

    from segcli.operations.upkeep import prune_history

    session.refuse_keys()
    settings = session.settings
    profile = settings.profile
    if profile and profile.backend and not same_backend(profile.backend, settings.backend.value):
        profile = None  # it is for another backend
    return session.run_with_history(
        prune_history,
        session.terminal,
        before=before,
        keep=profile.keep_history if profile else None,
        now=time_ns() // 1_000,
        origin=session.record(reason),
        yes=yes,
        dry_run=dry_run,
    )
