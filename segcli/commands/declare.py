"""How commands declare what they take, in words of ours, and what several of them take alike.

A command is a function that takes the session and parameters, and answers the exit code. A parameter is
`Annotated[TYPE, Option(…)]` or `Annotated[TYPE, Argument(…)]`; one without a default must be given. TYPE
is str, int, float, bool for a flag, a Literal for a choice, or list[str] for the last argument; None may
stand beside it. Typer, which `segcli.arguments` lets read all this, is not imported here.
"""

from collections.abc import Callable
from importlib import import_module
from types import NoneType
from typing import Annotated, Any, NamedTuple, TypeVar, cast

from segcli.config import DEFAULT_TIMEOUT
from segcli.output import FORMATS


class Option:
    """An option, called as its parameter where no names are given.

    `min` and `max` bound a number; `panel` is the heading that help shows it under.
    """

    def __init__(
        self,
        *names: str,
        help: str,
        metavar: str | None = None,
        min: float | None = None,
        max: float | None = None,
        panel: str | None = None,
    ) -> None:
        self.names = names
        self.help = help
        self.metavar = metavar
        self.min = min
        self.max = max
        self.panel = panel


class Argument:
    """An argument, known by the place it stands at."""

    def __init__(self, *, metavar: str | None = None, help: str | None = None) -> None:
        self.metavar = metavar
        self.help = help


class Parameter(NamedTuple):
    """A parameter as it is declared, None left out of its type; without a default it must be given."""

    name: str
    type: Any
    declared: Option | Argument
    default: Any = ...

    @property
    def required(self) -> bool:
        return self.default is ...

    @property
    def names(self) -> tuple[str, ...]:
        """What an option is called by; an argument by nothing."""
        if isinstance(self.declared, Argument):
            return ()
        return self.declared.names or (f"--{self.name.replace('_', '-')}",)


class Command(NamedTuple):
    """A command's function, the examples under its help, and whether help leaves the command out."""

    function: Callable[..., int]
    examples: tuple[str, ...]
    hidden: bool

    @property
    def parameters(self) -> list[Parameter]:
        """What the function takes beside the session."""
        annotations = self.function.__annotations__.items()
        declared = [(name, each) for name, each in annotations if name not in ("session", "return")]
        defaults = self.function.__defaults__ or ()
        missing = (...,) * (len(declared) - len(defaults))
        return [
            Parameter(name, _without_none(annotated.__origin__), annotated.__metadata__[0], default)
            for (name, annotated), default in zip(declared, (*missing, *defaults), strict=True)
        ]


class App:
    """What one module declares: a command, or a noun with several, its help and its examples."""

    def __init__(self, help: str, examples: tuple[str, ...]) -> None:
        self.help = help
        self.examples = examples
        self.commands: dict[str, Command] = {}

    @property
    def is_noun(self) -> bool:
        return len(self.commands) > 1


def new_app(*examples: str, help: str = "") -> App:
    """An app for one command, or for a noun, which has help of its own."""
    return App(help, examples)


def app_of(word: str) -> App:
    """The app of one of `segcli.commands.COMMANDS`, its module imported."""
    return cast(App, import_module(f"segcli.commands.{word}").app)


_Function = TypeVar("_Function", bound=Callable[..., int])


def command(app: App, name: str, *examples: str, hidden: bool = False) -> Callable[[_Function], _Function]:
    """Declares a function as the command `name` of `app`, its examples shown under its help."""

    def declare(function: _Function) -> _Function:
        app.commands[name] = Command(function, examples, hidden)
        return function

    return declare


def _without_none(kind: Any) -> Any:
    kinds = getattr(kind, "__args__", ())
    return next(each for each in kinds if each is not NoneType) if NoneType in kinds else kind


SegmentArgument = Annotated[
    str, Argument(metavar="SEGMENT", help="Id or code; id:12 and code:123 say which.")
]
SegmentsArgument = Annotated[
    list[str], Argument(metavar="SEGMENT...", help="Ids or codes; id:12 and code:123 say which.")
]
AccountsArgument = Annotated[
    list[str], Argument(metavar="ACCOUNT...", help="Account ids, from 1 to 2147483647.")
]
FilterOption = Annotated[
    str | None,
    Option(
        metavar="FILTER",
        help="Only those that match FIELD OP VALUE, more with and; OP is eq ne gt ge lt le cont sw.",
    ),
]
SortOption = Annotated[
    str | None,
    Option(metavar="SORT", help="FIELD, FIELD asc or FIELD desc, with commas; by id where not said."),
]
FieldsOption = Annotated[
    str | None, Option(metavar="FIELDS", help="Show only these: id,code,name or -description.")
]
NameOption = Annotated[str | None, Option(metavar="TEXT", help="What people call it.")]
DescriptionOption = Annotated[str | None, Option(metavar="TEXT", help="What it is for.")]

PANEL = "Common options"
_TIMEOUT = f"For a request or a lock; {DEFAULT_TIMEOUT:g} where not said."


def _common(name: str, kind: type, *names: str, help: str, metavar: str | None = None) -> Parameter:
    return Parameter(name, kind, Option(*names, help=help, metavar=metavar, panel=PANEL), None)


# What every command takes, before or after its word; given to the session (cli.md, "Common options").
COMMON = (
    _common("profile", str, metavar="NAME", help="A backend and its credentials, by name."),
    _common("backend", str, metavar="URL", help="sqlite:PATH, or a tenant's https://HOST."),
    _common("output", str, "--output", "-o", metavar="FORMAT", help=f"{', '.join(FORMATS)}."),
    _common("query", str, metavar="JMESPATH", help="Reshape the JSON form of the result."),
    _common("quiet", bool, "--quiet", "-q", help="Say nothing beside result and errors."),
    _common("verbose", bool, "--verbose", "-v", help="Tell each request or statement on stderr."),
    _common("timeout", str, metavar="SECONDS", help=_TIMEOUT),
    _common("rps", str, metavar="N", help="At most N requests a second."),
    _common("ca_bundle", str, metavar="FILE", help="Trust these certificate authorities."),
    _common("no_color", bool, help="No colours; NO_COLOR is obeyed too."),
)
# And what Typer answers by itself.
VERSION = _common("version", bool, help="Show the version and exit.")
