"""segments edit"""

import os

from segcli.commands.options import ReasonOption, SegmentArgument
from segcli.session import Session
from segcli.spec import command


@command("edit", "segments edit VIP", "segments edit code:2026")
def entry(session: Session, segment: SegmentArgument, reason: ReasonOption = None) -> int:
    """Edit a segment in an editor and print it.

    The editor is $VISUAL, $EDITOR or vi. It opens the code, name and description as YAML; without a
    change nothing is written. If the segment was changed meanwhile, the exit code is 4 and the edited
    text is kept in a file.
    """
    from segcli.operations.edit import edit  # imports PyYAML

    session.record(reason)
    return session.run_with_history(edit, session.terminal, segment, os.environ)
