"""Errors about a segment in the words of every backend; a tenant's own words differ, and have no hints."""

from collections.abc import Iterator
from contextlib import contextmanager

from segcli.backends.base import code_taken, not_found
from segcli.errors import AlreadyExistsError, NotFoundError, SegcliError
from segcli.model import SegmentRef


@contextmanager
def named(ref: SegmentRef | None = None, code: str | None = None) -> Iterator[None]:
    """Rewords the errors of a request about that segment; status, error code and correlation id are kept."""
    try:
        yield
    except NotFoundError as error:
        if ref is None:
            raise
        raise _reworded(error, not_found(ref)) from error
    except AlreadyExistsError as error:
        raise _reworded(error, code_taken(code)) from error


def _reworded(error: SegcliError, ours: SegcliError) -> SegcliError:
    return type(ours)(
        ours.message,
        hint=ours.hint,
        code=error.code,
        status=error.status,
        correlation_id=error.correlation_id,
    )
