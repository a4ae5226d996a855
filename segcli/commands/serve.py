"""segments serve"""

from typing import Annotated, Literal

from segcli.commands.declare import Option, command, new_app
from segcli.operations.serve import read_credentials, read_tls
from segcli.operations.serve import serve as serve_segments
from segcli.server.options import Faults, Options
from segcli.session import Session

app = new_app()
FAULTS = "To test a client with"


@command(
    app,
    "serve",
    "segments serve",
    "segments --backend sqlite:test.db serve --port 0 --no-auth",
    "segments serve --rate-limit 50 --latency 20 --fault-rate 0.1",
)
def serve(
    session: Session,
    host: Annotated[str, Option(metavar="HOST", help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, Option(min=0, max=65535, metavar="N", help="0 takes any that is free.")] = 8080,
    client_id: Annotated[
        str | None,
        Option(
            metavar="ID",
            help="Who is given tickets, for the secret in SEGMENTS_SERVE_SECRET; made up where not said.",
        ),
    ] = None,
    no_auth: Annotated[bool, Option("--no-auth", help="Let everyone on this machine in.")] = False,
    tenant: Annotated[
        int | None, Option(min=1, metavar="ID", help="Refuse requests for another tenant.")
    ] = None,
    site: Annotated[int | None, Option(min=1, metavar="ID", help="Refuse requests for another site.")] = None,
    tls_cert: Annotated[
        str | None, Option(metavar="FILE", help="Speak TLS with this certificate chain, in PEM.")
    ] = None,
    tls_key: Annotated[str | None, Option(metavar="FILE", help="The certificate's key.")] = None,
    log_format: Annotated[Literal["text", "json"], Option(help="How requests are logged.")] = "text",
    rate_limit: Annotated[
        int | None,
        Option(min=1, metavar="N", help="More requests a second are 429.", panel=FAULTS),
    ] = None,
    latency: Annotated[
        float,
        Option(min=0, max=60_000, metavar="MS", help="Answer this much later.", panel=FAULTS),
    ] = 0,
    fault_rate: Annotated[
        float,
        Option(
            min=0,
            max=1,
            metavar="P",
            help="This share of requests is answered 503, or its connection is lost before or after.",
            panel=FAULTS,
        ),
    ] = 0,
    token_lifetime: Annotated[
        float,
        Option(min=1, max=1e9, metavar="SECONDS", help="How long a token is good.", panel=FAULTS),
    ] = 3600,
) -> int:
    """Serve the resource over HTTP, to try apps and SDKs against."""
    options = Options(
        host,
        port,
        session.settings.backend.value,
        read_credentials(client_id, no_auth=no_auth),
        tenant,
        site,
        read_tls(tls_cert, tls_key),
        log_format == "json",
        token_lifetime,
        Faults(rate_limit, latency / 1000, fault_rate),
    )
    return serve_segments(options, session.open_backend, session.terminal, session.show)
