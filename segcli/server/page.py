"""The page at `/`: what this server is, what it serves, and how to point a client at it."""

from html import escape
from typing import Any

from segcli import __version__
from segcli.server.options import Options, client_commands
from segcli.server.routes import SEGMENT_OPERATIONS, TENANT_OPERATIONS, TICKET_OPERATIONS, Operation
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
<p>This is <code>segments serve</code> of segcli {version}: the Customer Segments resource of a commerce
platform, spoken by a server of your own. It serves the backend <code>{backend}</code>.</p>
<h2>To point a client at it</h2>
<p>{tickets} An SDK takes this server's host as its authentication host and as its tenant's.</p>
<pre>{commands}</pre>
<h2>Operations</h2>
<table>
{operations}
</table>
<p>The same as <a href="/api/openapi.json">OpenAPI 3</a>.</p>
</html>
"""


_TICKETS = "It gives tickets for its client id and shared secret, which whoever started it knows."
_NO_TICKETS = "It answers without tickets, and gives one to whoever asks."


def page(options: Options, url: str) -> str:
    """The page as HTML, for a server that is reached at `url`; no secret is on it."""
    operations: tuple[Operation[Any], ...] = (*SEGMENT_OPERATIONS, *TENANT_OPERATIONS, *TICKET_OPERATIONS)
    rows = [
        f"<tr><td>{one.name}</td><td><code>{one.method} /api{one.path}</code></td></tr>" for one in operations
    ]
    return _PAGE.format(
        version=__version__,
        backend=escape(visible(options.backend)),
        tickets=_TICKETS if options.credentials else _NO_TICKETS,
        commands=escape("\n".join(map(visible, client_commands(options, url, "...")))),
        operations="\n".join(rows),
    )
