"""Many account ids as a JSON array, decoded and checked in C."""

from typing import Annotated

import msgspec

from segcli.inputs.blocks import Block
from segcli.model import INT32_MAX

_DECODER = msgspec.json.Decoder(list[Annotated[int, msgspec.Meta(ge=1, le=INT32_MAX)]])


def decode_ids(array: bytes) -> Block:
    """The ids of an array of numbers. Raises ValueError if it is anything else, or contains an invalid id."""
    return _DECODER.decode(array)
