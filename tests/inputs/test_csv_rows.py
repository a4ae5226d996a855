"""Reading a CSV in batches gives the same rows as reading it row by row."""

import io
from collections.abc import Callable, Iterable

from hypothesis import example, given
from hypothesis import strategies as st

from segcli.errors import UsageError
from segcli.inputs.records import Rows

Row = tuple[int, list[str]]


class Slow(io.BytesIO):
    """A file that delivers a few bytes at a time, so that there are many blocks."""

    def read(self, size: int | None = -1) -> bytes:
        return super().read(7)


def read(content: bytes, rows_of: Callable[[Rows], Iterable[Row]]) -> tuple[list[Row], str | None]:
    """The rows, and the error at their end."""
    found: list[Row] = []
    try:
        for row in rows_of(Rows("file.csv", Slow(content), ",")):
            found.append(row)
    except UsageError as error:
        return found, error.message
    return found, None


def in_batches(rows: Rows) -> Iterable[Row]:
    for numbers, batch in rows.batches():
        assert len(numbers) == len(batch) > 0
        yield from zip(numbers, batch, strict=True)


PIECES = st.sampled_from(
    [b"a", b"1001", b",", b" ", b'"', b"\n", b"\r\n", b"\r", b"\0", b"\xff", b"\xc3\xa9"]
)


@given(st.lists(PIECES, max_size=40).map(b"".join))
@example(b"\n\n\nid\n\n1\n")
@example(b'id,x\n1,a\n2,"b\nc"\n3,d\n4,"e"\n')
@example(b"id\r\n1\r\n\r\n2")
@example(b'id\n1\n"2\n3\n')
def test_batches_have_the_same_rows(content: bytes) -> None:
    rows, error = read(content, iter)
    in_time, same_error = read(content, in_batches)
    assert same_error == error
    # An error in a batch comes before the rows of that batch.
    assert in_time == rows[: None if error is None else len(in_time)]


def test_a_cell_that_is_too_long_is_an_error_in_both() -> None:
    content = b"id\n" + b"x" * 200_000 + b"\n"
    for rows_of in (in_batches, iter):
        _, error = read(content, rows_of)
        assert error == "file.csv, line 2: a value is too long: expected at most 131,072 characters"
