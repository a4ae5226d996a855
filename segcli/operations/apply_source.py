"""What a SOURCE asks of a backend, as a plan: a manifest, a saved plan, or another backend."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, NamedTuple

from segcli.backends.base import Backend
from segcli.errors import UsageError
from segcli.manifest.compare import Pruning, plan_for
from segcli.manifest.desired import Desired
from segcli.manifest.plan import Plan
from segcli.model import STDIN
from segcli.terminal.streams import Terminal

if TYPE_CHECKING:
    from segcli.manifest.matching import Matching

OpenSource = Callable[[str], Backend | None]
MatchKind = Literal["email", "external-id", "user-name"]
_ALL = "100%"  # of the accounts must match


class SourceOptions(NamedTuple):
    """How a SOURCE is read, and which segments it is about; `min_match` is a percentage."""

    prune: bool = False
    accounts: bool = False
    prune_except: str | None = None
    allow_empty: bool = False
    match: MatchKind | None = None
    min_match: str | None = None

    def matching(self) -> "Matching | None":
        """Raises UsageError for options that contradict each other, or if --min-match is not a percentage."""
        if self.match is None:
            if self.min_match is not None:
                raise UsageError("--min-match requires --match")
            return None
        if not self.accounts:
            raise UsageError("--match requires --accounts")
        from segcli.expressions.percents import read_percent
        from segcli.manifest.matching import Matching

        try:
            return Matching(self.match, read_percent(self.min_match or _ALL))
        except ValueError as error:
            raise UsageError(f"invalid --min-match '{self.min_match}': expected {error}") from None

    def pruning(self) -> Pruning:
        """Raises UsageError for --prune-except without --prune."""
        if self.prune_except is None:
            return Pruning(self.prune)
        if not self.prune:
            raise UsageError("--prune-except requires --prune")
        from segcli.expressions.globs import matcher

        return Pruning(True, matcher(self.prune_except))


def planner(
    backend: Backend, terminal: Terminal, source: str, open_source: OpenSource, options: SourceOptions
) -> Callable[[], Plan]:
    """Makes the plan from the present state of the backend; the SOURCE is read once, now."""
    from segcli.manifest.saved_plan import is_saved_plan, load_plan

    if source != STDIN and is_saved_plan(source):
        from segcli.manifest.bases import verified

        require_plain(options)
        saved = load_plan(source)
        return lambda: verified(backend, terminal, saved)
    pruning = options.pruning()
    wanted = _wanted(backend, terminal, source, open_source, options, pruning)

    def decide() -> Plan:
        with backend.snapshot():
            desired = wanted()
            if pruning.prune and not options.allow_empty and all(each.absent for each in desired.segments):
                raise UsageError(
                    f"{source} has no segments: with --prune, all others would be deleted;"
                    " nothing was changed",
                    hint="if that is intended, pass --allow-empty",
                )
            return plan_for(backend, terminal, desired, pruning)

    return decide


def _wanted(
    backend: Backend,
    terminal: Terminal,
    source: str,
    open_source: OpenSource,
    options: SourceOptions,
    pruning: Pruning,
) -> Callable[[], Desired]:
    matching = options.matching()
    other = open_source(source)
    if other is not None:
        from segcli.manifest.backend_source import desired_of_backend

        try:
            desired = desired_of_backend(
                other, backend, terminal, accounts=options.accounts, matching=matching
            )
        finally:
            other.close()
        return lambda: desired
    if options.accounts:
        raise UsageError(
            "--accounts is only for a source that is a backend",
            hint="in a manifest, each segment says whether its membership is managed",
        )
    from segcli.manifest.source import read_source
    from segcli.operations.desired import desired_of

    document = read_source(source, terminal, allow_empty=options.allow_empty)
    return lambda: desired_of(document, backend, terminal, pruning)


def require_plain(options: SourceOptions) -> None:
    """Raises UsageError for an option that cannot change a plan that was made before."""
    if options != SourceOptions():
        pairs = zip(SourceOptions._fields, options, SourceOptions(), strict=True)
        name = next(name for name, given, default in pairs if given != default).replace("_", "-")
        raise UsageError(f"--{name} does not work with a saved plan", hint="pass it when the plan is made")
