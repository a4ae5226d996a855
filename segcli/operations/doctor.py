"""Checks what a run depends on, step by step, and reports the first problem."""

import os
from typing import Any

from segcli.backends import shown_url
from segcli.backends.base import Backend
from segcli.config.settings import Settings
from segcli.errors import ConfigError, SegcliError, UsageError
from segcli.result import Result, columns_of
from segcli.terminal.streams import Terminal

_COLUMNS = columns_of(("check", "ok", "detail"))


def doctor(backend: Backend, settings: Settings) -> Result:
    """An item for each check: `ok` is true, false, or null if it was skipped after a failure."""
    items: list[dict[str, Any]] = [
        _passed("configuration", _configuration(settings)),
        _passed("backend", f"{shown_url(settings.backend.value)} ({settings.backend.origin})"),
    ]
    failure: SegcliError | None = None
    for check in backend.checks():
        if failure is not None:
            items.append({"check": check.name, "ok": None, "detail": "skipped"})
            continue
        try:
            items.append(_passed(check.name, check.run()))
        except SegcliError as error:
            failure = error
            items.append({"check": check.name, "ok": False, "detail": error.message})
    return Result(items, _COLUMNS, error=failure and _without_this_advice(failure))


def upgraded(backend: Backend, terminal: Terminal, settings: Settings, *, yes: bool) -> Result:
    """The same after converting a store in an older format, which asks first.

    Raises UsageError for a tenant, StoreError if the store cannot be converted.
    """
    if not backend.atomic:
        raise UsageError("only a store can be upgraded: this backend is a tenant")
    found = backend.upkeep.older_format()
    if found is None:
        terminal.info("the store has the present format: there is nothing to upgrade")
        return doctor(backend, settings)
    terminal.require_yes(yes, "upgrade the store")
    terminal.confirm(
        f"Upgrade {backend.place} from store version {found}?"
        " Older versions of segments can no longer use it then.",
        yes=yes,
    )
    backend.upkeep.upgrade()
    return doctor(backend, settings)


def misconfigured(error: ConfigError) -> Result:
    """The result if the configuration is invalid: nothing else can be checked."""
    items = [
        {"check": "configuration", "ok": False, "detail": error.message},
        {"check": "backend", "ok": None, "detail": "skipped"},
    ]
    return Result(items, _COLUMNS, error=error)


def _without_this_advice(error: SegcliError) -> SegcliError:
    """The error without the advice to run this command."""
    if error.hint is None:
        return error
    return error.with_hint(error.hint.removesuffix("run segments doctor").removesuffix(", or ").rstrip())


def _passed(check: str, detail: str) -> dict[str, Any]:
    return {"check": check, "ok": True, "detail": detail}


def _configuration(settings: Settings) -> str:
    if not os.path.exists(settings.config):
        return f"no file at {settings.config}"
    if settings.warning:
        return f"warning: {settings.warning}"
    named = f", profile {settings.profile.name}" if settings.profile else ", no current profile"
    return settings.config + named
