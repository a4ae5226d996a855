"""Text from outside: displaying it safely on a terminal, and comparing it."""

import re
from collections.abc import Iterator

# C0, DEL and C1 (0x9b alone starts an escape sequence), line separators, bidirectional controls, lone
# surrogates, which cannot be encoded, and the byte order mark, which nobody would see. Compiled only when
# needed: it takes as long as reading a store.
UNSAFE = "[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufeff]"

_CUT = "..."  # the end of a statement that is too long to be traced
_MAX_ADDRESS = 320  # characters of an e-mail address: 64 before the @, and 255 after it

_NAMED = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


def visible(text: str) -> str:
    """`text` on one line, with every unsafe character written as an escape (`\\n`, `\\x1b`)."""
    # No unsafe character is printable.
    return text if text.isprintable() else re.sub(UNSAFE, _escape, text)


def _escape(match: re.Match[str]) -> str:
    character = match.group()
    if character in _NAMED:
        return _NAMED[character]
    point = ord(character)
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}"


def display_width(text: str) -> int:
    """How many terminal columns `text` takes."""
    return len(text) if text.isascii() else sum(columns for _, columns in clusters(text))


def clusters(text: str) -> Iterator[tuple[str, int]]:
    """The characters as a terminal draws them, and the columns each takes (0, 1 or 2).

    Combining marks and joined emoji belong to the character before them.
    """
    from unicodedata import east_asian_width

    cluster, columns = "", 0
    for character in text:
        extends = cluster.endswith(_JOINER) or _is_extending(character)
        if cluster and not extends:
            yield cluster, columns
            cluster, columns = "", 0
        cluster += character
        if not extends:
            columns = 2 if east_asian_width(character) in "WF" else 1
        elif character == _EMOJI_STYLE and columns:
            columns = 2
    if cluster:
        yield cluster, columns


_JOINER, _EMOJI_STYLE = "\u200d", "\ufe0f"


def _is_extending(character: str) -> bool:
    """Combining marks, format characters, the vowels of decomposed Hangul, skin tones."""
    from unicodedata import category

    return (
        category(character) in ("Mn", "Me", "Mc", "Cf")
        or "\u1160" <= character <= "\u11ff"
        or "\U0001f3fb" <= character <= "\U0001f3ff"
    )


def mark(text: str, start: int, end: int, width: int = 76) -> tuple[str, str]:
    """`text` on one line, and a line of carets under `text[start:end]` (at least one).

    A long text is cut to about `width` columns around the mark.
    """
    end = max(end, start + 1)
    left = max(0, min(start - width // 2, len(text) - width))
    right = min(left + width, len(text))
    while display_width(visible(text[left:right])) > width and right - left > 1:
        # Wide characters and escapes take more than one column; the mark remains visible.
        if start - left > right - start:
            left += 1
        else:
            right -= 1
    lead = ("…" if left else "") + visible(text[left:start])
    marked = visible(text[start : min(end, right)])
    rest = visible(text[min(end, right) : right]) + ("…" if right < len(text) else "")
    carets = "^" * max(1, display_width(marked))
    return lead + marked + rest, " " * display_width(lead) + carets


def quoted(text: str) -> str:
    """`text` as one word of a command that can be pasted into a shell."""
    from shlex import quote

    return quote(text)


def colored_change(line: str) -> str:
    """A line of a plan in the color of its mark: `+` added, `~` changed, `-` deleted."""
    color = {"+": "\x1b[32m", "~": "\x1b[33m", "-": "\x1b[31m"}.get(line[:1])
    return f"{color}{line}\x1b[0m" if color else line


def without_addresses(text: str) -> str:
    """A traced statement or request without e-mail addresses: what contains one becomes `***`.

    That is a whole literal of SQL, the whole value of a URL's parameter, or a whole word. At the end of a
    statement that was cut, it is also a literal that may be the start of an address.
    """
    cut = text.endswith(_CUT)
    if not _has_address(text) and not cut:
        return text
    end = len(text) - len(_CUT) if cut else len(text) + 1
    text = re.sub(r"'[^']*(?:''[^']*)*'?", lambda literal: _masked_literal(literal, end), text)
    if not _has_address(text):
        return text
    return re.sub(r"\S*(?:@|%40)\S*", _masked_word, text)


def _masked_literal(literal: re.Match[str], end: int) -> str:
    """A literal of a statement that was cut at `end`, perhaps between the two halves of an apostrophe."""
    found = literal.group()
    unfinished = literal.end() >= end and (len(found) <= _MAX_ADDRESS or found.startswith("'["))
    return "'***'" if "@" in found or unfinished else found


def _masked_word(word: re.Match[str]) -> str:
    url, mark, query = word.group().partition("?")
    if "://" not in url or _has_address(url):
        return "***"
    return url + mark + "&".join(map(_masked_parameter, query.split("&")))


def _masked_parameter(text: str) -> str:
    name, _, _ = text.partition("=")
    if not _has_address(text):
        return text
    return "***" if _has_address(name) else f"{name}=***"


def _has_address(text: str) -> bool:
    return "@" in text or "%40" in text


def openssl_message(text: str) -> str:
    """`text` without what Python adds to a message of OpenSSL: `[SSL: REASON] ` and ` (_ssl.c:1006)`."""
    return re.sub(r"^\[(SSL|X509)[^]]*\] | \(_ssl\.c:\d+\)$", "", text)


def find_surrogate(text: str) -> int | None:
    """The position of the first lone surrogate in `text`: a byte that was not UTF-8, or half of a pair."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        return error.start
    return None


def fold(text: str) -> str:
    """The form in which text is compared: full Unicode case folding, so "STRASSE" equals "straße"."""
    return text.casefold()
