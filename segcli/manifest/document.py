"""What a SOURCE says, before a backend is asked: segments with their fields and accounts, and checks."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from segcli.account_set import AccountSet
from segcli.manifest.desired import Wanted

if TYPE_CHECKING:
    from segcli.expressions.assertions import Assertion
    from segcli.expressions.sampling import Sample
    from segcli.expressions.tree import Expression, Operand
    from segcli.manifest.places import Place


class Where:
    """Accounts by a set expression over the result, or a sample of them; `place` is for errors about it."""

    __slots__ = ("expression", "place", "sample", "seed")

    def __init__(self, place: "Place", expression: "Expression", sample: "Sample | None", seed: str) -> None:
        self.place: Final = place
        self.expression: Final = expression
        self.sample: Final = sample
        self.seed: Final = seed


class Definition(Wanted[AccountSet | Where]):
    """A segment as the document has it: its accounts may depend on the backend."""

    __slots__ = ()


class Document:
    """Every segment of a SOURCE in its order, its checks, and the files that its expressions name.

    `name` is what messages call it.
    """

    __slots__ = ("checks", "files", "name", "segments")

    def __init__(
        self,
        name: str,
        segments: Sequence[Definition],
        checks: "Sequence[Assertion]" = (),
        files: "Mapping[Operand, AccountSet] | None" = None,
    ) -> None:
        self.name: Final = name
        self.segments: Final = segments
        self.checks: Final = checks
        self.files: Final = files or {}
