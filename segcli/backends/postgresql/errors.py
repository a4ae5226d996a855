"""Turns what the driver raises into the errors of segcli, which say what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2

from segcli.backends.postgresql.dialect import quoted_name
from segcli.errors import (
    ForbiddenError,
    SegcliError,
    StoreCorruptError,
    StoreError,
    StoreFullError,
    StoreLockedError,
    UnauthorizedError,
    UnavailableError,
    UsageError,
)

# What libpq says about a connection has no code.
_REFUSED_LOGINS = (
    "authentication failed",
    "no password supplied",
    "no pg_hba.conf entry",
    "is not permitted to log in",
    "permission denied",
)
# What Citus says about a node has several codes, also that of an internal error.
_LOST_NODES = ("remote node", "on at least one active node")


class StoreConflictError(UnavailableError):
    """The server ended the transaction because of another one; it can be tried again."""


class UnknownCommitError(UnavailableError):
    """A commit of which nobody knows whether it happened."""

    @classmethod
    def at(cls, place: str) -> "UnknownCommitError":
        return cls(
            f"the connection to the store {place} was lost while a change was committed:"
            " it may be saved or not",
            hint="look at the segment before you run the command again",
        )


@contextmanager
def store_errors(place: str, timeout: float, grants: tuple[str, ...]) -> Iterator[None]:
    """Raises errors of the driver as a SegcliError that names `place` and the cause.

    `grants` are the statements that give the role the rights that it needs.
    The values that a block passes to the server are valid. So what Python raises while it reads rows is
    caused by damage.
    """
    try:
        yield
    except psycopg2.Error as error:
        raise store_error(error, place, timeout, grants) from error
    except UnicodeDecodeError as error:
        raise damaged(place, "it contains text that is not valid UTF-8") from error
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise damaged(place, str(error)) from error


def store_error(
    error: psycopg2.Error, place: str, timeout: float, grants: tuple[str, ...] = ()
) -> SegcliError:
    """The error for what the server answered, or for a connection that was lost."""
    code = error.pgcode or ""
    message = _first_line(error)
    match code:
        case "55P03":
            return StoreLockedError(
                f"the store {place} is locked: another process has been writing for {timeout:g} s",
                hint="try again, or wait longer with --timeout SECONDS",
            )
        case "40001" | "40P01":
            return StoreConflictError(
                f"the store {place} ended the transaction because of a concurrent one",
                hint="run the command again",
            )
        case "42501":
            return forbidden(place, message, grants)
        case "53100":
            return StoreFullError(
                f"cannot write the store {place}: the server's disk is full",
                hint="free some space and run the command again",
            )
        case "53300":
            return UnavailableError(f"the store {place} is not available: {message}", hint="try again later")
        case "57014":
            return UnavailableError(
                f"the store {place} canceled the statement: {message}",
                hint="an administrator or the server's statement_timeout ended it",
            )
        case "42P01" | "42703" | "23514" | "23502":
            return damaged(place, message)
    if code == "25006":
        return UnavailableError(
            f"the store {place} cannot be written: its server is a standby, or was made read-only",
            hint="name all servers in the URL, with ?target_session_attrs=read-write",
        )
    if is_node_lost(error):
        return UnavailableError(
            f"a node of the store {place} is not available: {message}", hint="try again when it is"
        )
    if code.startswith(("XX", "58")):
        return damaged(place, message)
    if not code or code.startswith(("08", "57P")):
        return UnavailableError(
            f"the connection to the store {place} was lost: {message}", hint="run the command again"
        )
    return StoreError(f"the store {place} failed: {message}")


def is_node_lost(error: psycopg2.Error) -> bool:
    """Whether Citus lost one of its nodes, which may have committed the transaction at its end."""
    return any(text in str(error) for text in _LOST_NODES)


def connect_error(error: psycopg2.Error, place: str) -> SegcliError:
    """The error for a connection that could not be opened."""
    message = _first_line(error)
    if message.startswith("invalid "):  # a value in the URL, before anything is sent
        return UsageError(f"cannot open the store {place}: {message}")
    if any(text in message for text in _REFUSED_LOGINS):
        return UnauthorizedError(
            f"the store {place} refused the login: {message}",
            hint="check the user and the password, which can also be in ~/.pgpass or PGPASSWORD",
        )
    if "does not exist" in message and "FATAL" in str(error):
        if "database" in message:
            return UsageError(f"cannot open the store {place}: {message}", hint="create it with: createdb")
        return UnauthorizedError(
            f"the store {place} refused the login: {message}", hint="check the user in the URL"
        )
    return UnavailableError(
        f"cannot connect to the store {place}: {message}", hint="check the host and the network"
    )


def is_definite(error: SegcliError) -> bool:
    """Whether another attempt to connect would end in the same way."""
    return not isinstance(error, UnavailableError)


def damaged(place: str, problem: str) -> StoreCorruptError:
    """The error for a store with that problem."""
    return StoreCorruptError(
        f"the store {place} is damaged: {problem}", hint="restore the database from a backup"
    )


def forbidden(place: str, problem: str, statements: tuple[str, ...]) -> ForbiddenError:
    """The error for a right that the role lacks; the statements are what an administrator must run."""
    return ForbiddenError(
        f"no permission in the store {place}: {problem}",
        detail=statements,
        hint="an administrator of the database must run these statements",
    )


def rights(schema: str, role: str) -> tuple[str, ...]:
    """The statements that give a role what it needs in a schema with tables."""
    name, role = quoted_name(schema), quoted_name(role)
    return (
        f"GRANT USAGE ON SCHEMA {name} TO {role};",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {name} TO {role};",
        f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA {name} TO {role};",
    )


def _first_line(error: psycopg2.Error) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].replace("FATAL:  ", "") if lines else "the server closed the connection"
