"""--query: reshapes the JSON form of a result with JMESPath."""

from collections.abc import Callable

import jmespath
from jmespath.exceptions import JMESPathError, JMESPathTypeError, ParseError

from segcli.errors import UsageError
from segcli.result import Result, result_of
from segcli.text import mark


def reshaper(query: str, origin: str) -> Callable[[Result], Result]:
    """A function that applies `query`; `origin` is the option or variable that contains it.

    Raises UsageError with the error marked; the function raises it if the query cannot be applied.
    """
    try:
        expression = jmespath.compile(query)
    except ParseError as error:
        at = min(error.lex_position, len(query))
        raise UsageError(
            f"{origin}, character {at + 1}: not a valid JMESPath expression",
            detail=mark(query, at, at + 1),
            hint="for example --query 'items[].code'; see https://jmespath.org",
        ) from None
    except JMESPathError as error:
        raise UsageError(f"{origin}: {_reason(error)}") from None
    except RecursionError:
        raise UsageError(f"{origin}: the expression is nested too deeply") from None

    def reshape(result: Result) -> Result:
        try:
            document = expression.search(result.document())
        except JMESPathError as error:
            raise UsageError(f"{origin}: {_reason(error)}") from None
        return result_of(document)._replace(
            error=result.error,
            failures=result.failures,
            note=result.note,
            short=result.short,
            answer=result.answer,
        )

    return reshape


def _reason(error: JMESPathError) -> str:
    """The error as text; without the value, which may be the whole result."""
    if isinstance(error, JMESPathTypeError):
        expected = " or ".join(error.expected_types)
        return f"{error.function_name}() expects {expected}"
    text = str(error)
    return text[:1].lower() + text[1:]
