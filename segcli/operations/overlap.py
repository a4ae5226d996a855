"""How segments overlap: what each two have in common, and which are equal, contained, empty or disjoint."""

from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.errors import UsageError
from segcli.heat_map import Finding, HeatMap, Measure
from segcli.model import STDIN, Segment
from segcli.operations.evaluation import named
from segcli.query.tree import MAX_PAGE_SIZE, SegmentQuery
from segcli.result import Result, columns_of
from segcli.terminal.progress import Progress
from segcli.terminal.streams import Terminal

MAX_SEGMENTS = 1_000  # half a million pairs
MAX_DRAWN = 100  # segments in a picture
_COLUMNS = columns_of(("a", "b", "both", "onlyA", "onlyB", "jaccard"))


def overlap(
    backend: Backend,
    terminal: Terminal,
    words: Sequence[str],
    *,
    measure: Measure,
    top: int | None,
    draw: Callable[[HeatMap], None] | None,
) -> Result:
    """The pairs of the segments that `words` name, all if there are none; the most overlapping first.

    Everything is read from one snapshot. `top` limits the pairs; `draw` gets the overlap as a heat map.
    Raises UsageError for more segments than can be compared or drawn, NotFoundError.
    """
    if STDIN in words:
        from segcli.inputs.words import with_stdin

        words = with_stdin(words)
    with backend.snapshot():
        segments = _named(backend, words)
        _require_few(len(segments), drawn=draw is not None)
        ids = [segment.id for segment in segments]
        with Progress(terminal, "reading members") as progress:
            members = backend.get_memberships(ids, progress.update).of
    sets = [members[segment_id] for segment_id in ids]
    with Progress(terminal, "comparing segments") as progress:
        common = _common(sets, progress.update)
    codes = [segment.code for segment in segments]
    sizes = list(map(len, sets))
    heat_map = HeatMap(codes, sizes, common, measure, _findings(codes, sizes, common))
    if draw is not None:
        draw(heat_map)
    return Result(
        _items(heat_map, _ranked(heat_map)[:top]),
        _COLUMNS,
        tail=lambda: {
            "findings": [{"kind": each.kind, "segments": list(each.segments)} for each in heat_map.findings]
        },
        heat_map=heat_map if top is None else None,
    )


def _named(backend: Backend, words: Sequence[str]) -> list[Segment]:
    """The segments in the order of the words, each once; of a pattern, by id."""
    if not words:
        # One more than can be compared: enough to know that there are too many.
        query = SegmentQuery(page_size=MAX_PAGE_SIZE)
        return list(backend.iter_segments(query, MAX_SEGMENTS + 1).items)
    return named(backend, words)


def _require_few(count: int, *, drawn: bool) -> None:
    """Raises UsageError if there are more segments than can be compared or drawn."""
    for most, what in ((MAX_SEGMENTS, "overlap compares"), *(((MAX_DRAWN, "a picture shows"),) * drawn)):
        if count > most:
            raise UsageError(
                f"too many segments: {what} at most {most:,}",
                hint="name the segments, or use a pattern such as 'SPRING-*'",
            )


def _common(sets: Sequence[AccountSet], report: Callable[[int, int | None], None]) -> "array[int]":
    """How many accounts each two of the sets share, row by row."""
    count = len(sets)
    common = array("I", bytes(4 * count * count))
    for row, accounts in enumerate(sets):
        report(row, count)
        common[row * count + row] = len(accounts)
        for column in range(row):
            both = accounts.count_common(sets[column])
            common[row * count + column] = common[column * count + row] = both
    return common


def _ranked(heat_map: HeatMap) -> list[tuple[int, int]]:
    """The pairs as rows and columns, the most overlapping first; equal ones in the order of the segments.

    By share, the larger of the two shares of a pair counts.
    """
    count = len(heat_map.labels)

    def rank(pair: tuple[int, int]) -> tuple[float, int]:
        row, column = pair
        levels = (heat_map.level(row, column), heat_map.level(column, row))
        return -max(level or 0 for level in levels), -heat_map.common[row * count + column]

    return sorted(((row, column) for row in range(count) for column in range(row + 1, count)), key=rank)


def _items(heat_map: HeatMap, pairs: Sequence[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    codes, sizes = heat_map.labels, heat_map.sizes
    for row, column in pairs:
        both = heat_map.common[row * len(codes) + column]
        either = sizes[row] + sizes[column] - both
        yield {
            "a": codes[row],
            "b": codes[column],
            "both": both,
            "onlyA": sizes[row] - both,
            "onlyB": sizes[column] - both,
            "jaccard": round(both / either, 6) if either else None,
        }


def _findings(codes: Sequence[str], sizes: Sequence[int], common: "array[int]") -> list[Finding]:
    """What stands out. There can be as many disjoint pairs as pairs, and as many contained ones.

    So a segment is called disjoint only if it shares no account with any other, all of those together, and
    contained only in the next larger ones; of equal segments, only the first is said to be contained.
    """
    count = len(codes)
    filled = [place for place in range(count) if sizes[place]]
    groups: dict[int, list[int]] = {}  # equal segments, by the first of them
    for place in filled:
        first = next(
            (each for each in groups if sizes[each] == sizes[place] == common[each * count + place]), place
        )
        groups.setdefault(first, []).append(place)
    found = [
        Finding("equal", [codes[place] for place in group]) for group in groups.values() if len(group) > 1
    ]
    by_size = sorted(groups, key=lambda place: sizes[place])
    for place in by_size:
        direct: list[int] = []
        for larger in by_size:
            within = place != larger and common[place * count + larger] == sizes[place]
            if within and not any(common[each * count + larger] == sizes[each] for each in direct):
                direct.append(larger)
        found += [Finding("contained", [codes[place], codes[larger]]) for larger in direct]
    empty = [codes[place] for place in range(count) if not sizes[place]]
    alone = [
        codes[place]
        for place in filled
        if not any(common[place * count + other] for other in filled if other != place)
    ]
    if empty:
        found.append(Finding("empty", empty))
    if alone and len(filled) > 1:
        found.append(Finding("disjoint", alone))
    return found
