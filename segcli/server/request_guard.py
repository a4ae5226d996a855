"""Rejects requests that a web browser sends on behalf of a website that is not this server's.

A page can make the browser of its visitor send requests to any server on the visitor's machine. With DNS
rebinding, the page's own host name resolves to that machine, and the page can also read the responses.
"""

import re
from functools import lru_cache

from falcon.asgi import Request, Response

from segcli.errors import ForbiddenError
from segcli.server.options import Options, is_address, is_loopback, is_wildcard
from segcli.server.responses import Problem, ProblemError, invalid

_HOST = re.compile(r"(?:\[([^]]+)\]|([^][:]+))(?::[0-9]*)?")
_MAX_SHOWN = 100  # characters of a header
_OWN_SITES = ("same-origin", "same-site", "none")  # of Sec-Fetch-Site; other origins show in Origin


class RequestGuard:
    """Checks the headers of every request; a falcon middleware.

    The Host header must name this machine or a host that the options allow: a page that uses DNS
    rebinding cannot change it. A website has no token, so its requests are harmless unless the server
    accepts requests without one. Only then are requests of other origins rejected, and bodies that a page
    can send without asking first (the CORS preflight), which are all but JSON.
    """

    def __init__(self, options: Options) -> None:
        self._hosts = {host.lower() for host in (options.host, *options.allowed_hosts) if host}
        self._any_address = is_wildcard(options.host)
        self._requires_token = options.credentials is not None
        self._is_own_host = lru_cache(64)(self._names_this_server)  # clients send one value again and again

    async def process_request(self, request: Request, response: Response) -> None:
        """Raises ProblemError (403, 415 or 421)."""
        hosts = [value for name, value in request.scope["headers"] if name == b"host"]
        host = hosts[0].decode("latin-1") if len(hosts) == 1 else ""
        if not self._is_own_host(host):
            raise invalid(
                f"the Host header is '{host[:_MAX_SHOWN]}': expected this machine or the server's --host;"
                " other names are accepted with --allow-host",
                status=421,
            )
        if not self._requires_token:
            _require_own_origin(request, host)
            _require_json(request)

    def _names_this_server(self, header: str) -> bool:
        match = _HOST.fullmatch(header)
        name = "" if match is None else (match[1] or match[2]).lower()
        # An address cannot be rebound: only a name resolves to something else.
        return is_loopback(name) or name in self._hosts or (self._any_address and is_address(name))


def _require_own_origin(request: Request, host: str) -> None:
    origin = request.get_header("Origin")
    if origin is not None and origin.partition("://")[2].lower() != host.lower():
        raise _foreign(f"the Origin {origin[:_MAX_SHOWN]}")
    if (request.get_header("Sec-Fetch-Site") or "none").lower() not in _OWN_SITES:
        raise _foreign("another website")


def _foreign(source: str) -> ProblemError:
    message = f"requests of {source} are rejected while the server runs with --no-auth"
    return ProblemError(Problem(403, ForbiddenError.code, message))


def _require_json(request: Request) -> None:
    if request.method not in ("POST", "PUT"):
        return
    has_body = request.get_header("Transfer-Encoding") is not None or request.content_length
    content_type = (request.content_type or "").partition(";")[0].strip().lower()
    if has_body and content_type != "application/json":
        raise invalid(
            f"the Content-Type is '{content_type[:_MAX_SHOWN]}': expected application/json", status=415
        )
