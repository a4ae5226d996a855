"""A backend as a SOURCE: its segments and, if they are asked for, their memberships."""

from segcli.backends.base import Backend
from segcli.errors import UsageError
from segcli.manifest.compare import draft_of, read_segments
from segcli.manifest.desired import Desired, DesiredSegment
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal


def desired_of_backend(source: Backend, target: Backend, terminal: Terminal, *, accounts: bool) -> Desired:
    """Every segment of `source`, in the order of their codes; with their `accounts`, as it has them now.

    Raises UsageError if the two are the same backend, or if accounts of one tenant are wanted on another.
    """
    if source.place == target.place:
        raise UsageError("the source and the backend are the same")
    if accounts and not source.reads_are_local and not target.reads_are_local:
        raise UsageError(
            "--accounts does not work from one tenant to another: their account ids differ",
            hint="without --accounts, only codes, names and descriptions are compared",
        )
    with source.snapshot():
        segments, _ = read_segments(source)
        sets = {}
        if accounts:
            with Progress(terminal, "reading members", retries=lambda: source.retries) as progress:
                sets = dict(source.get_memberships([each.id for each in segments], progress.update).of)
    drafts = [(draft_of(segment), sets.get(segment.id)) for segment in segments]
    drafts.sort(key=lambda pair: pair[0].code or "")
    return Desired(
        [
            DesiredSegment(draft.code or "", draft.name, draft.description, accounts=members)
            for draft, members in drafts
        ]
    )
