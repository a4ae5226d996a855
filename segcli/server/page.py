"""The page at `/`: what this server is, how to connect a client, and its operations."""

from collections.abc import Iterable
from html import escape

from segcli import __version__
from segcli.server.options import Options, client_commands
from segcli.server.routes import (
    SEGMENT_OPERATIONS,
    TENANT_OPERATIONS,
    TICKET_OPERATIONS,
    Operation,
    Subject,
)
from segcli.text import visible

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>segments serve</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 50em; margin: 3em auto; padding: 0 1em }}
pre {{ background: #8882; padding: 1em; overflow-x: auto }}
td {{ padding-right: 1.5em }}
</style>
<h1>Customer segments</h1>
<p>This is <code>segments serve</code> of segcli {version}. It serves the Customer Segments resource of the
Kibo platform, for testing apps and SDKs.</p>
<h2>Connect a client</h2>
<p>{authentication} In an SDK, set both the authentication host and the tenant host to this server.</p>
<pre>{commands}</pre>
<h2>Operations</h2>
<table>
{operations}
</table>
<p>They are described in the <a href="/api/openapi.json">OpenAPI 3 document</a>.</p>
</html>
"""

_LOGIN = (
    "Requests need an access token, which the server issues for its client id and shared secret."
    " It prints both when it starts, unless the secret was set with SEGMENTS_SERVE_SECRET."
)
_PLACEHOLDER = "..."
_ONLY_TLS = "segments connects to other machines only if they use TLS."
_NO_LOGIN = "Requests need no access token; the server issues one for any credentials."


def page(options: Options, url: str) -> str:
    """The page as HTML, for a client that connected to `url`.

    It needs no token, so it has nothing that is not public: no secret, no client id, no path.
    """
    client_id = None if options.credentials is None else _PLACEHOLDER
    commands = client_commands(url, client_id, _PLACEHOLDER)
    rows = [*_rows(SEGMENT_OPERATIONS), *_rows(TENANT_OPERATIONS), *_rows(TICKET_OPERATIONS)]
    return _PAGE.format(
        version=__version__,
        authentication=_LOGIN if options.credentials else _NO_LOGIN,
        commands=escape("\n".join(map(visible, commands))) or _ONLY_TLS,
        operations="\n".join(rows),
    )


def _rows(operations: Iterable[Operation[Subject]]) -> list[str]:
    return [
        f"<tr><td>{each.name}</td><td><code>{each.method} /api{each.path}</code></td></tr>"
        for each in operations
    ]
