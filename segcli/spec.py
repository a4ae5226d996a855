"""What a command, an option and an argument are: the one description of the command line.

The fast parser, the Typer app, help, the completion scripts and the manual all read it. A command is a
function that takes the session and typed parameters and returns the exit code:

    @command("get", "segments get VIP")
    def get(session: Session, segment: SegmentsArgument, fields: FieldsOption = None) -> int:

A parameter is annotated `Annotated[TYPE, Option(…)]` or `Annotated[TYPE, Argument(…)]`. TYPE is str, int,
float, bool (a flag), a Literal (a choice), or list[str] (the last argument); `| None` may follow. A
parameter without a default is required.
"""

from collections.abc import Callable, Iterator, Sequence
from types import NoneType
from typing import Any, Literal

# What completion offers for a value; nothing is offered for "text".
Complete = Literal[
    "text",
    "choice",
    "file",
    "command",
    "segment",
    "expression",
    "assertion",
    "profile",
    "backend",
    "filter",
    "sort",
    "fields",
    "customer-fields",
    "customer-filter",
]
_TYPES = (str, int, float, bool, list[str])
REQUIRED = ...  # the default of a parameter that has none


class Option:
    """How an option is written; without `names` it is called like its parameter.

    `min` and `max` bound a number; `choices` are the values that help and completion offer.
    """

    __slots__ = ("choices", "complete", "help", "max", "metavar", "min", "names")

    def __init__(
        self,
        *names: str,
        help: str,
        metavar: str | None = None,
        complete: Complete = "text",
        choices: tuple[str, ...] = (),
        min: float | None = None,
        max: float | None = None,
    ) -> None:
        self.names = names
        self.help = help
        self.metavar = metavar
        self.complete = complete
        self.choices = choices
        self.min = min
        self.max = max


class Argument:
    """How an argument is written; it is recognized by its position."""

    __slots__ = ("complete", "help", "metavar")

    def __init__(self, *, metavar: str, help: str, complete: Complete = "text") -> None:
        self.metavar = metavar
        self.help = help
        self.complete = complete


class Parameter:
    """One parameter of a command: its name, its type without None, its declaration, its default."""

    __slots__ = ("declared", "default", "name", "type")

    def __init__(self, name: str, type: Any, declared: Option | Argument, default: Any = REQUIRED) -> None:
        self.name = name
        self.type = type
        self.declared = declared
        self.default = default

    @property
    def required(self) -> bool:
        return self.default is REQUIRED

    @property
    def is_flag(self) -> bool:
        return self.type is bool

    @property
    def many(self) -> bool:
        """Whether an argument takes every word that is left."""
        return bool(self.type == list[str])

    @property
    def names(self) -> tuple[str, ...]:
        """How an option is called, the long name first; empty for an argument."""
        if isinstance(self.declared, Argument):
            return ()
        return self.declared.names or (f"--{self.name.replace('_', '-')}",)

    @property
    def metavar(self) -> str:
        """The placeholder for the value in help, such as FILE."""
        return self.declared.metavar or self.name.upper()

    @property
    def help(self) -> str:
        return self.declared.help

    @property
    def choices(self) -> tuple[str, ...]:
        """The values of a choice; empty if any text is accepted."""
        if isinstance(self.declared, Option) and self.declared.choices:
            return self.declared.choices
        return self.type.__args__ if getattr(self.type, "__origin__", None) is Literal else ()

    @property
    def complete(self) -> Complete:
        return "choice" if self.choices else self.declared.complete


class Command:
    """A command: its words (`("accounts", "add")`), function and examples; help omits a hidden one."""

    __slots__ = ("examples", "function", "hidden", "words")

    def __init__(
        self, words: tuple[str, ...], function: Callable[..., int], examples: tuple[str, ...], hidden: bool
    ) -> None:
        self.words = words
        self.function = function
        self.examples = examples
        self.hidden = hidden

    @property
    def paragraphs(self) -> list[str]:
        """The function's docstring as help shows it: paragraphs, each on one line."""
        return paragraphs_of(self.function.__doc__ or "")

    @property
    def summary(self) -> str:
        return self.paragraphs[0]

    @property
    def options(self) -> list[Parameter]:
        return [each for each in self.parameters if each.names]

    @property
    def arguments(self) -> list[Parameter]:
        return [each for each in self.parameters if not each.names]

    @property
    def parameters(self) -> list[Parameter]:
        """The function's parameters without the session. Raises TypeError if it is declared another way."""
        function = self.function
        code = function.__code__
        names = code.co_varnames[: code.co_argcount]
        if names[:1] != ("session",) or code.co_kwonlyargcount:
            raise TypeError(f"{function.__name__} must take session first, and no keyword-only parameters")
        defaults = function.__defaults__ or ()
        missing = (REQUIRED,) * (len(names) - 1 - len(defaults))
        found: list[Parameter] = []
        for name, default in zip(names[1:], missing + defaults, strict=True):
            # No metadata: not Annotated at all, or an annotation in quotes.
            annotated: Any = function.__annotations__.get(name)
            (declared,) = getattr(annotated, "__metadata__", (None,))
            if not isinstance(declared, Option | Argument):
                raise TypeError(f"{function.__name__}: {name} must be Annotated with an Option or Argument")
            parameter = Parameter(name, _without_none(annotated.__origin__), declared, default)
            if not (parameter.type in _TYPES or parameter.choices) or (parameter.many and parameter.names):
                raise TypeError(
                    f"{function.__name__}: {name} has a type that the command line cannot express"
                )
            if not parameter.names and any(each.many for each in found):
                raise TypeError(f"{function.__name__}: {name} follows the argument that takes every word")
            found.append(parameter)
        return found


class Group:
    """A noun with commands of its own, such as `accounts`.

    The root is a Group without words; its `common` are the options that every command takes.
    """

    __slots__ = ("commands", "common", "examples", "help", "words")

    def __init__(
        self,
        words: tuple[str, ...],
        help: str,
        examples: tuple[str, ...],
        commands: "Sequence[Entry]",
        common: Sequence[Parameter] = (),
    ) -> None:
        self.words = words
        self.help = help
        self.examples = examples
        self.commands = {each.words[-1]: each for each in commands}
        self.common = common

    @property
    def paragraphs(self) -> list[str]:
        return paragraphs_of(self.help)

    @property
    def summary(self) -> str:
        return self.paragraphs[0]

    @property
    def visible(self) -> "list[Entry]":
        """The commands that help, completion and the manual show."""
        return [each for each in self.commands.values() if isinstance(each, Group) or not each.hidden]


Entry = Command | Group

# Other names of commands in a group, by the words of the group.
ALIASES: dict[tuple[str, ...], dict[str, str]] = {
    (): {"ls": "list", "show": "get", "rm": "delete"},
    ("accounts",): {"ls": "list", "rm": "remove"},
    ("customers",): {"ls": "list", "show": "get"},
    ("profile",): {"ls": "list", "rm": "remove"},
}


def aliases_of(entry: Entry) -> list[str]:
    """The other names of a command."""
    *group, name = entry.words or ("",)
    return [alias for alias, named in ALIASES.get(tuple(group), {}).items() if named == name]


def command(words: str, *examples: str, hidden: bool = False) -> Callable[[Callable[..., int]], Command]:
    """Declares a function as the command `words`, such as "accounts add"."""

    def declare(function: Callable[..., int]) -> Command:
        return Command(tuple(words.split()), function, examples, hidden)

    return declare


def walk(entry: Entry) -> Iterator[Entry]:
    """The entry, then everything visible below it."""
    yield entry
    if isinstance(entry, Group):
        for each in entry.visible:
            yield from walk(each)


def paragraphs_of(text: str) -> list[str]:
    return [" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n")]


def _without_none(kind: Any) -> Any:
    kinds = getattr(kind, "__args__", ())
    return next(each for each in kinds if each is not NoneType) if NoneType in kinds else kind
