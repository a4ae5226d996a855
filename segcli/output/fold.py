"""Fits the text of a cell into a given width: folded into lines, or cut to one."""

from collections.abc import Iterator

from segcli.text import clusters, display_width


def fold(text: str, width: int) -> list[str]:
    """`text` in lines of at most `width` columns: broken at spaces, and inside words that are longer.

    Only spaces at a break are dropped. A character wider than `width` gets a line of its own.
    """
    if display_width(text) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    for index, word in enumerate(text.split(" ")):
        longer = f"{line} {word}" if index else word
        if display_width(longer) <= width:
            line = longer
        elif word:
            if line.strip(" "):
                lines.append(line.rstrip(" "))
            *full, line = _pieces(word, width)
            lines += full
    return [*lines, line.rstrip(" ")]


def _pieces(word: str, width: int) -> Iterator[str]:
    """`word` cut every `width` columns, never between a letter and its accents."""
    piece, used = "", 0
    for cluster, columns in clusters(word):
        if piece and used + columns > width:
            yield piece
            piece, used = "", 0
        piece += cluster
        used += columns
    yield piece


def cut(text: str, width: int) -> str:
    """`text` in at most `width` columns; a longer one ends in `…`."""
    # A text of many characters is not measured to its end.
    if len(text) <= width * 8 and display_width(text) <= width:
        return text
    kept, used = "", 0
    for cluster, columns in clusters(text):
        if used + columns > width - 1:
            break
        kept += cluster
        used += columns
    return f"{kept}…"
