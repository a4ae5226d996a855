"""From the text of an EXPRESSION to its tree. A plain SEGMENT is read here; the parser loads for the rest."""

from segcli.expressions.tree import Expression, SegmentOperand
from segcli.model import STDIN, SegmentRef, segment_argument

_PLAIN_LENGTH = 255  # characters; longer text goes to the parser, which limits it
_PREFIXES = ("id:", "code:")


def parse(text: str) -> Expression:
    """The expression that one argument contains. Raises UsageError with the mistake marked.

    An argument that starts with `id:` or `code:`, not followed by a quote, is one SEGMENT as a whole.
    """
    if len(text) <= _PLAIN_LENGTH and (segment_argument(text) == text or text.isdigit() or text == STDIN):
        return Expression(text, SegmentOperand(SegmentRef.parse(text)))
    for prefix in _PREFIXES:
        if text.startswith(prefix) and not text.startswith(('"', "'"), len(prefix)):
            return Expression(text, _whole(text))
    from segcli.expressions.parser import parse_expression

    return parse_expression(text)


def _whole(text: str) -> SegmentOperand:
    """The segment that the whole text names. Raises UsageError; the hint explains an expression."""
    from segcli.errors import UsageError

    try:
        return SegmentOperand(SegmentRef.parse(text))
    except UsageError as error:
        from segcli.expressions.hints import in_parentheses

        raise in_parentheses(error, text) from None
