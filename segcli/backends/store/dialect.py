"""How the SQL of two databases differs, and the values that statements take and return."""

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

Parameter: TypeAlias = int | str | bytes | None
Row: TypeAlias = tuple[Any, ...]  # values as the database returns them: nothing is known of their types


class Dialect:
    """What is written differently: `in_list` follows a column, and its parameter is `to_list(ids)`.

    `rows` is how many rows one INSERT has, if `executemany` does not put them together. `in_texts` and
    `to_texts` are for texts without U+0000; `texts` is a table of them with the column `value`. `for_update`
    ends a SELECT that locks its rows. `position` is the function that finds a text in another.
    """

    __slots__ = ("for_update", "in_list", "in_texts", "position", "rows", "texts", "to_list", "to_texts")

    def __init__(
        self,
        *,
        in_list: str,
        to_list: Callable[[Iterable[int]], Parameter],
        in_texts: str,
        to_texts: Callable[[Iterable[str]], Parameter],
        texts: str,
        for_update: str,
        position: str,
        rows: int = 1,
    ) -> None:
        self.in_list = in_list
        self.to_list = to_list
        self.in_texts = in_texts
        self.to_texts = to_texts
        self.texts = texts
        self.for_update = for_update
        self.position = position
        self.rows = rows
