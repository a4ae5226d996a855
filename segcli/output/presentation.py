"""How a result is to look, decided from the terminal before a format is chosen."""

from collections.abc import Callable
from typing import NamedTuple


class Presentation(NamedTuple):
    """What a format needs to know of where its text goes.

    `width` is in columns, None where nothing bounds it. On a terminal nothing is written raw that
    would act on it. `say` tells the person something beside the result.
    """

    info: Callable[[str], None]

    terminal: bool = False
    width: int | None = None
    color: bool = False
    format: str = "tsv"
