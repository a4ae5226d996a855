"""Segments in a PostgreSQL database, which several hosts share."""

from segcli.backends.base import Backend
from segcli.backends.target import BackendTarget, Login


def open_backend(target: BackendTarget) -> Backend:
    _require_driver()
    from segcli.backends.postgresql.backend import PostgresqlBackend
    from segcli.backends.postgresql.database import PostgresqlDatabase
    from segcli.backends.postgresql.server import Server

    return PostgresqlBackend(PostgresqlDatabase(Server(target)))


def normalize_url(url: str) -> str:
    from segcli.backends.postgresql.urls import normalized

    return normalized(url)


def login_of(url: str, auth_host: str | None) -> Login | None:
    return None


def _require_driver() -> None:
    """Raises UsageError without the driver."""
    try:
        import psycopg2  # noqa: F401
    except ImportError:
        from segcli.errors import UsageError

        raise UsageError(
            "a PostgreSQL store needs the driver psycopg2, which is not installed",
            hint="install it from a clone of segcli: pip install '.[postgres]'",
        ) from None
