"""Values that only the configuration or a backend knows: profiles, and the codes of segments.

Someone is waiting for them with a finger on TAB. So nothing is asked, nothing is told, a second is
the most that it takes, and where anything is wrong there are no values.
"""

import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from segcli.config import Settings, config_path, resolve
from segcli.errors import UnauthorizedError
from segcli.text import UNSAFE

if TYPE_CHECKING:
    from segcli.backends.access import Access

MOST = 500  # values; nobody looks through more
_LIMIT = 0.8  # seconds; to start the process takes some more
_STORE_TIMEOUT = 0.2  # seconds for another writer's lock; readers need none
_ALIKE = re.compile(r"[0-9]+\Z|id:|code:|-")
_LAST = "\U0010ffff"  # sorts after every character, as no text has it


def end_in_time() -> None:
    """Ends the process after a second, whatever it is waiting for: a name server knows no timeout."""
    timer = threading.Timer(_LIMIT, os._exit, [0])
    timer.daemon = True
    timer.start()


def profiles(prefix: str) -> list[str]:
    """The names of the profiles that start with `prefix`."""
    from segcli.config.files import read_config

    return _shown(prefix, read_config(config_path()).profiles)


def segments(prefix: str, flags: Mapping[str, object], environ: Mapping[str, str]) -> list[str]:
    """The segments of the backend in force that start with `prefix`, as a SEGMENT is written.

    Raises SegcliError where they cannot be had.
    """
    marked = prefix.startswith("code:")
    codes = _codes(prefix.removeprefix("code:"), resolve(flags, environ))
    return _shown(prefix, (f"code:{code}" if marked else as_segment(code) for code in codes))


def as_segment(code: str) -> str:
    """A code as a SEGMENT: with `code:` before it where it would be taken for an id, or an option."""
    return f"code:{code}" if _ALIKE.match(code) else code


def _shown(prefix: str, values: Iterable[str]) -> list[str]:
    """Those of the values that a line of a terminal can hold."""
    fitting = (value for value in values if value.startswith(prefix) and not re.search(UNSAFE, value))
    return sorted(fitting)[:MOST]


def _codes(prefix: str, settings: Settings) -> list[str]:
    scheme, _, rest = settings.backend.value.partition(":")
    if scheme == "sqlite" and rest:
        return codes_of_store(rest, prefix)
    if scheme in ("http", "https"):
        return _of_tenant(prefix, _access(settings))
    return []


def codes_of_store(path: str, prefix: str, trace: Callable[[str], None] | None = None) -> list[str]:
    """Read from the index of codes alone; the backend's own filter would fold every code there is."""
    from segcli.backends.sqlite.connection import open_existing, store_errors

    path = os.path.abspath(os.path.expanduser(path))
    with store_errors(path, _STORE_TIMEOUT):
        connection = open_existing(path, _STORE_TIMEOUT, trace)
        if connection is None:
            return []
        rows = connection.execute(
            "SELECT code FROM segment WHERE code >= ? AND code < ? ORDER BY code LIMIT ?",
            [prefix, prefix + _LAST, MOST],
        ).fetchall()
        connection.close()
    return [code for (code,) in rows]


def _of_tenant(prefix: str, access: "Access") -> list[str]:
    """From the answer kept a moment ago, or else one page of what the tenant has."""
    from segcli.completion.cache import Kept, keep, kept

    client = access.credentials.client_id if access.credentials else ""
    name = "\n".join([access.url, client, access.tenant or "", access.site or ""])
    known = kept(name, prefix)
    if known is None:
        known = Kept(prefix, *_page(prefix, access))
        keep(name, known)
    return list(known.codes)


def _page(prefix: str, access: "Access") -> tuple[bool, list[str]]:
    """Codes that start with `prefix` in any case, and whether these are all of them."""
    from segcli.backends import open_backend
    from segcli.query import MAX_PAGE_SIZE, SegmentQuery
    from segcli.query.fields import FIELDS
    from segcli.query.filter import Clause
    from segcli.query.sort import SortKey

    clauses = (Clause(FIELDS["code"], "sw", prefix),) if prefix else ()
    query = SegmentQuery(clauses, (SortKey(FIELDS["code"]),), page_size=MAX_PAGE_SIZE)
    backend = open_backend(access)
    try:
        page = backend.get_segments(query)
    finally:
        backend.close()
    return page.total_count <= len(page.items), [segment.code for segment in page.items]


def _access(settings: Settings) -> "Access":
    from segcli.backends.access import Access, Credentials

    said = {name: found.value for name, found in settings.connection.items()}
    credentials = None
    if "client_id" in said:
        credentials = Credentials(said["client_id"], lambda: _secret(said), "")
    return Access(
        settings.backend.value,
        _LIMIT,
        credentials=credentials,
        auth_host=said.get("auth_host"),
        tenant=said.get("tenant"),
        site=said.get("site"),
        ca_bundle=said.get("ca_bundle"),
    )


def _secret(said: Mapping[str, str]) -> str:
    """The shared secret where it lies open; a command or a keyring may put a question to the user."""
    secret = said.get("shared_secret")
    if not secret:
        raise UnauthorizedError("a ticket can be had only by asking")
    return secret
