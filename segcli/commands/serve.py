"""segments serve"""

from typing import Annotated, Literal

from segcli.server.options import Faults, Options
from segcli.server.start import read_allowed_hosts, read_credentials, read_tls, start
from segcli.session import Session
from segcli.spec import Option, command


@command(
    "serve",
    "segments --backend sqlite:test.db serve --port 0 --fault-rate 0.1",
)
def entry(
    session: Session,
    host: Annotated[str, Option(metavar="HOST", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, Option(min=0, max=65535, metavar="N", help="Port, 0 for a free one.")] = 8080,
    client_id: Annotated[
        str | None,
        Option(
            metavar="ID",
            help="Client id to accept; secret: $SEGMENTS_SERVE_SECRET.",
        ),
    ] = None,
    no_auth: Annotated[bool, Option("--no-auth", help="Accept requests without a token.")] = False,
    allow_host: Annotated[
        str | None, Option(metavar="HOSTS", help="Other host names of this server, comma-separated.")
    ] = None,
    insecure: Annotated[bool, Option("--insecure", help="Allow plain HTTP from other machines.")] = False,
    tenant: Annotated[
        int | None, Option(min=1, metavar="ID", help="Reject requests for another tenant.")
    ] = None,
    site: Annotated[int | None, Option(min=1, metavar="ID", help="Reject requests for another site.")] = None,
    tls_cert: Annotated[
        str | None, Option(metavar="FILE", complete="file", help="Use TLS with this certificate chain (PEM).")
    ] = None,
    tls_key: Annotated[
        str | None, Option(metavar="FILE", complete="file", help="The certificate's private key.")
    ] = None,
    log_format: Annotated[
        Literal["text", "json"], Option(metavar="FORMAT", help="Request log format.")
    ] = "text",
    rate_limit: Annotated[
        int | None,
        Option(min=1, metavar="N", help="Answer 429 above N requests per second."),
    ] = None,
    latency: Annotated[
        float,
        Option(min=0, max=60_000, metavar="MS", help="Delay every response by MS milliseconds."),
    ] = 0,
    fault_rate: Annotated[
        float,
        Option(
            min=0,
            max=1,
            metavar="P",
            help="Fail this share of requests: 503 or disconnect.",
        ),
    ] = 0,
    token_lifetime: Annotated[
        float,
        Option(min=1, max=1e9, metavar="SECONDS", help="Lifetime of a token."),
    ] = 3600,
) -> int:
    """Serve the resource over HTTP, for testing apps and SDKs."""
    options = Options(
        host,
        port,
        read_credentials(client_id, no_auth=no_auth),
        read_allowed_hosts(allow_host),
        insecure,
        tenant,
        site,
        read_tls(tls_cert, tls_key),
        log_format == "json",
        token_lifetime,
        Faults(rate_limit, latency / 1000, fault_rate),
    )
    return start(options, session.open_backend, session.terminal, session.show)
