"""What the history records about a command: its line, without secrets and addresses, and the reason."""

import re
from collections.abc import Sequence
from itertools import pairwise
from shlex import quote

from segcli.errors import UsageError
from segcli.text import find_surrogate

REASON_VARIABLE = "SEGMENTS_REASON"
MAX_BYTES = 1024  # of the line, and of the reason, in UTF-8
_CUT = "…"
_MASK = "***"
_USER_INFO = re.compile(r"(://[^/?#@\s:]*):[^/?#\s]*@")  # a password may contain an @
_PARAMETER = re.compile(
    r"([?&#][^=&#\s]*(?:pass|pwd|secret|token|key|sig|auth)[^=&#\s]*=)[^&#\s]*", re.IGNORECASE
)
_ACCOUNT = "email:"  # starts an ACCOUNT, whose address may have any form
# Up to 64 characters before the @, but not the user of a URL. Not every allowed character is part of them:
# '=' and quotes stand in front of an address, and '/' in paths.
_EMAIL = re.compile(r"(?<!\w)(?<!://)(\w)[\w.!#$%&*+?^`{|}~-]{0,63}@(?=[\w-]+(?:\.[\w-]+)+)")


def command_text(words: Sequence[str]) -> str | None:
    """The command line as it is typed into a shell, at most MAX_BYTES long; None if there are no words.

    Passwords in URLs and `email:` arguments are masked, and other e-mail addresses but for their first
    character and their domain.
    """
    if not words:
        return None
    parts, length = ["segments"], 0
    if "--by=email" in words or ("--by", "email") in pairwise(words):
        words = [_MASK if "@" in word else word for word in words]
    for word in words:
        if length > MAX_BYTES:
            break
        # No more is needed: quoting makes a word longer, and masking is for what remains.
        parts.append(quote(_masked(word[: 4 * MAX_BYTES])))
        length += len(parts[-1]) + 1
    return _cut(" ".join(parts))


def require_short(reason: str, origin: str) -> None:
    """Raises UsageError for a reason that is too long, or not Unicode; `origin` is where it comes from."""
    if find_surrogate(reason) is not None:
        raise UsageError(f"{origin} is not valid UTF-8 text")
    size = len(reason.encode())
    if size > MAX_BYTES:
        raise UsageError(f"{origin} has {size:,} bytes: expected at most {MAX_BYTES:,}")


def _masked(word: str) -> str:
    if "://" in word:
        word = _USER_INFO.sub(rf"\1:{_MASK}@", word)
        word = _PARAMETER.sub(rf"\1{_MASK}", word)
    if word.lower().startswith(_ACCOUNT):
        return _ACCOUNT + _MASK
    return _EMAIL.sub(rf"\1{_MASK}@", word)


def _cut(text: str) -> str:
    data = text.encode()
    if len(data) <= MAX_BYTES:
        return text
    return data[: MAX_BYTES - len(_CUT.encode())].decode(errors="ignore") + _CUT
