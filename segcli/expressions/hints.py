"""Errors about expressions that depend on which segments exist, and hints that can be pasted."""

import shlex
from collections.abc import Container

from segcli.errors import UsageError
from segcli.expressions.parser import parse_expression
from segcli.expressions.scanner import QUOTES
from segcli.expressions.tree import Expression, quoted
from segcli.query.scan import problem

_SIGNS = {"and": "&", "xor": "^", "or": "|"}


def ambiguous(expression: Expression, codes: Container[str]) -> UsageError | None:
    """The error for the first keyword that is one of `codes`, the codes of segments that exist."""
    for keyword in expression.keywords:
        if keyword.word in codes:
            spelling = _other_spelling(keyword.word, codes)
            return problem(
                "expression",
                expression.text,
                keyword.start,
                keyword.end,
                f"'{keyword.word}' is a keyword and the code of a segment",
                f"write {quoted(keyword.word)} for the segment, {spelling} for the keyword",
            )
    return None


def _other_spelling(word: str, codes: Container[str]) -> str:
    """Another spelling of a keyword that is not a code, if there is one."""
    lower = word.lower()
    spellings = [_SIGNS[lower]] if lower in _SIGNS else []
    spellings += [lower, lower.upper(), lower.capitalize()]
    return next((each for each in spellings if each not in codes and each != word), spellings[0])


def as_code(error: UsageError, text: str) -> UsageError:
    """The error for `text`, which is not a valid expression, but is the code of a segment."""
    spelling = quoted(text) if text.startswith(tuple(QUOTES)) else f"code:{text}"
    return UsageError(
        error.message,
        hint=f"a segment has that code; write {shlex.quote(spelling)}",
        detail=error.detail,
    )


def in_parentheses(error: UsageError, text: str) -> UsageError:
    """The error for a SEGMENT that is not valid, with a hint if it is an expression in parentheses."""
    enclosed = f"({text})"
    try:
        parse_expression(enclosed)
    except UsageError:
        return error
    prefix = text.partition(":")[0]
    hint = f"an argument that starts with {prefix}: is one segment; write {shlex.quote(enclosed)}"
    return UsageError(error.message, hint=hint)
