"""Random writes to a backend."""

import random

from segcli.account_set import AccountSet
from segcli.backends.base import Backend
from segcli.errors import NotFoundError
from segcli.model import SegmentDraft, SegmentRef
from segcli.query.tree import SegmentQuery


def operate(backend: Backend, chance: random.Random) -> None:
    """One random write, or several in one transaction."""
    with backend.transaction():
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            found = [segment.id for segment in backend.iter_segments(SegmentQuery()).items]
            code = chance.choice("ABCDEFGH")
            some = AccountSet([*chance.sample(range(1, 12), 3), chance.randrange(1, 2**31)])
            kind = chance.choice(("add", "update", "delete", "join", "join", "leave"))
            if kind == "add" or not found:
                try:
                    backend.find_segment(SegmentRef(code=code))
                except NotFoundError:
                    backend.add_segment(SegmentDraft(code))
                continue
            segment_id = chance.choice(found)
            if kind == "update":
                old = backend.get_segment(segment_id)
                backend.update_segment(
                    segment_id, SegmentDraft(old.code, chance.choice("xyz"), old.description)
                )
            elif kind == "delete":
                backend.delete_segment(segment_id)
            elif kind == "join":
                backend.add_segment_accounts(segment_id, some)
            else:
                backend.remove_segment_accounts(segment_id, some)
