"""Names of files for codes: any text becomes a name that every file system accepts."""

from collections.abc import Iterable
from hashlib import sha256
from urllib.parse import quote

_MAX_NAME = 150  # bytes, without a suffix; file systems allow 255
_RESERVED = frozenset(
    ("con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)))
)


def file_names(codes: Iterable[str]) -> dict[str, str]:
    """A file name for each code, without an extension.

    Unsafe characters are percent-encoded. Of codes that would have the same name where case does not
    matter, the first has it; the others, and names that are too long, end with `~` and a hash.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for code in sorted(codes):
        name = _encoded(code)
        if len(name) > _MAX_NAME or name.lower() in taken:
            name = f"{name[:_MAX_NAME]}~{sha256(code.encode(errors='surrogatepass')).hexdigest()[:16]}"
        taken.add(name.lower())
        names[code] = name
    return names


def _encoded(code: str) -> str:
    """`~` is not a safe character here: it marks a hash."""
    text = quote(code, safe="", errors="surrogatepass").replace("~", "%7E")
    # A hidden file, or a device of Windows, which its name means with any extension.
    if text.startswith(".") or text.split(".")[0].lower() in _RESERVED:
        text = f"%{ord(text[0]):02X}{text[1:]}"
    return text
