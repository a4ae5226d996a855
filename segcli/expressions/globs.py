"""Patterns for codes: `*` is any text, `?` is any character; everything else is itself."""

import fnmatch
import re
from collections.abc import Callable


def matcher(pattern: str) -> Callable[[str], bool]:
    """Says whether a whole code matches; case matters. Takes time linear in the code for each `*`."""
    found = re.compile(fnmatch.translate(pattern.replace("[", "[[]"))).match
    return lambda code: found(code) is not None
