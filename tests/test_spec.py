"""The declarations of the command line: invalid ones are rejected, and ours say what is needed of them."""

from typing import Annotated, Any

import pytest

from segcli.session import Session
from segcli.spec import Argument, Option, Parameter, command
from tests.support.parsing import COMMANDS

NameOption = Annotated[str | None, Option(help="A name.")]


def session_is_second(name: NameOption, session: Session) -> int:
    return 0


def session_is_missing() -> int:
    return 0


def keyword_only(session: Session, *, name: NameOption = None) -> int:
    return 0


def not_annotated(session: Session, name: str) -> int:
    return 0


def no_annotation(session: Session, name) -> int:  # type: ignore[no-untyped-def]  # the mistake to find
    return 0


def quoted(session: Session, name: "NameOption" = None) -> int:
    return 0


def declared_as_text(session: Session, name: Annotated[str, "--name"]) -> int:
    return 0


def unknown_type(session: Session, name: Annotated[dict[str, str], Option(help="A name.")]) -> int:
    return 0


def optional_before_required(
    session: Session,
    code: Annotated[list[str], Argument(metavar="CODE", help="Codes.")],
    name: Annotated[str, Argument(metavar="NAME", help="A name.")],
) -> int:
    return 0


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (session_is_second, "session_is_second must take session first, and no keyword-only parameters"),
        (session_is_missing, "session_is_missing must take session first, and no keyword-only parameters"),
        (keyword_only, "keyword_only must take session first, and no keyword-only parameters"),
        (not_annotated, "not_annotated: name must be Annotated with an Option or Argument"),
        (no_annotation, "no_annotation: name must be Annotated with an Option or Argument"),
        (quoted, "quoted: name must be Annotated with an Option or Argument"),
        (declared_as_text, "declared_as_text: name must be Annotated with an Option or Argument"),
        (unknown_type, "unknown_type: name has a type that the command line cannot express"),
        (
            optional_before_required,
            "optional_before_required: name follows the argument that takes every word",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_invalid_declaration_is_a_type_error(function: Any, message: str) -> None:
    with pytest.raises(TypeError) as raised:
        _ = command("x")(function).parameters
    assert str(raised.value).startswith(message)


def test_a_valid_declaration() -> None:
    @command("thing do", "segments thing do")
    def do(
        session: Session,
        code: Annotated[list[str], Argument(metavar="CODE", help="Codes.", complete="segment")],
        dry_run: Annotated[bool, Option(help="Change nothing.")] = False,
        level: Annotated[int | None, Option("--level", "-l", help="How much.", min=1)] = None,
    ) -> int:
        """Do it.

        All
        of it.
        """
        return 0

    code, dry_run, level = do.parameters
    assert (do.words, do.summary, do.paragraphs) == (("thing", "do"), "Do it.", ["Do it.", "All of it."])
    assert (code.metavar, code.many, code.required, code.complete) == ("CODE", True, True, "segment")
    assert (dry_run.names, dry_run.is_flag, dry_run.default) == (("--dry-run",), True, False)
    assert (level.names, level.type, level.metavar) == (("--level", "-l"), int, "LEVEL")


def declared() -> list[Any]:
    return [
        pytest.param(parameter, id=f"{' '.join(words)} {parameter.name}")
        for words, each in COMMANDS.items()
        for parameter in each.parameters
    ]


@pytest.mark.parametrize("parameter", declared())
def test_what_is_called_a_file_completes_to_files(parameter: Parameter) -> None:
    assert (parameter.metavar in ("FILE", "SOURCE")) == (parameter.complete == "file")


@pytest.mark.parametrize("parameter", declared())
def test_what_is_called_a_segment_completes_to_segments(parameter: Parameter) -> None:
    assert (parameter.metavar == "SEGMENT") == (parameter.complete == "segment")


def test_profiles_are_completed_where_one_is_named() -> None:
    completed = {
        words
        for words, each in COMMANDS.items()
        if any(argument.complete == "profile" for argument in each.arguments)
    }
    assert completed == {("profile", word) for word in ("set", "use", "show", "remove")}


def test_only_a_new_profile_has_a_name_that_is_not_completed() -> None:
    names = [
        (words, parameter.complete)
        for words, each in COMMANDS.items()
        for parameter in each.arguments
        if parameter.metavar == "NAME" and parameter.complete != "profile"
    ]
    assert names == [(("profile", "add"), "text")]
