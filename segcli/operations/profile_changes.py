"""`profile add` and `profile set`: what is checked, where the secret goes, and what is saved."""

import os
import re
from typing import Any, NamedTuple

from segcli.backends import (
    SCHEMES,
    has_password,
    login_of,
    normalize_auth_host,
    normalize_url,
    open_backend,
    take_password,
)
from segcli.backends.target import Login
from segcli.config.connection import check_id
from segcli.config.edit import save_profile
from segcli.config.files import ConfigFile, Profile, is_duration, read_config
from segcli.config.secrets import read_secret, require_keyring, to_keyring
from segcli.config.settings import Setting, check_format, parse_number, resolve
from segcli.errors import AlreadyExistsError, UsageError
from segcli.operations.profiles import find, forget_keyring_entry, forget_tickets_of, login_origin, show
from segcli.result import Result
from segcli.terminal.streams import Terminal
from segcli.text import quoted

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_SECRETS = ("secret_command", "keyring", "shared_secret")


class Saving(NamedTuple):
    """How a profile is saved: where its secret comes from, and what is done before and after."""

    secret_from_stdin: bool = False
    use: bool = False
    check: bool = False


def add(terminal: Terminal, path: str, name: str, values: dict[str, Any], saving: Saving) -> Result:
    """Saves a new profile, and its secret where the profile says; returns what `show` does.

    Raises UsageError for an invalid name or setting or a missing secret, AlreadyExistsError, and with
    `check` whatever fetching a ticket raises; then nothing was saved.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"'{name}' is not a valid profile name: use letters, digits, dots, dashes and underscores"
        )
    if name in read_config(path).profiles:
        raise AlreadyExistsError(
            f"the profile {name} already exists", hint=f"change it with: segments profile set {quoted(name)}"
        )
    return _save(terminal, path, None, Profile(name)._replace(**_without_empty(values)), values, saving)


def change(terminal: Terminal, path: str, name: str, values: dict[str, Any], saving: Saving) -> Result:
    """Changes the given settings of a profile; an empty text clears one. Cached tickets are deleted.

    A stored secret is for one client at one authentication host: if they change, it is dropped, and a new
    one is required. Raises NotFoundError, and what `add` raises.
    """
    old = find(path, name)
    return _save(terminal, path, old, old._replace(**_without_empty(values)), values, saving)


def _without_empty(values: dict[str, Any]) -> dict[str, Any]:
    return {name: None if value == "" else value for name, value in values.items()}


def _save(
    terminal: Terminal,
    path: str,
    old: Profile | None,
    new: Profile,
    values: dict[str, Any],
    saving: Saving,
) -> Result:
    new = _checked(new)
    login = login_of(new.backend or "", new.auth_host)
    if has_password(new.backend or ""):
        new, secret = _with_password(terminal, old, new, values, saving)
    else:
        _require_client(new, login, values, saving)
        new, secret = _with_secret(terminal, old, new, values, saving)
    if saving.check:
        _check(terminal, path, new, secret)
    if secret is not None and new.keyring and login and new.client_id:
        to_keyring(login.origin, new.client_id, secret)
    elif secret is not None:
        new = new._replace(shared_secret=secret)
    save_profile(path, new, use=saving.use)
    if old:
        forget_tickets_of(old)
        forget_tickets_of(new)
        forget_keyring_entry(old, list(read_config(path).profiles.values()))
    elif not saving.use:
        terminal.info(f"use it with --profile {new.name}, or always with: segments profile use {new.name}")
    _inform(terminal, path, new, login, secret)
    return show(path, {}, {}, new.name)


def _checked(profile: Profile) -> Profile:
    """The profile as it will be read back. Raises UsageError for an invalid setting."""
    numbers: dict[str, Any] = {
        name: parse_number(name, Setting(str(value), f"--{name}"))
        for name, value in (("timeout", profile.timeout), ("rps", profile.rps))
        if value is not None
    }
    if profile.output is not None:
        check_format(Setting(profile.output, "--output"))
    if profile.keep_history is not None and not is_duration(profile.keep_history):
        raise UsageError(f"invalid --keep-history '{profile.keep_history}': expected a duration such as 365d")
    if profile.customer_set is not None and not profile.customer_set.strip():
        raise UsageError("--customer-set is blank: expected the code of a customer set")
    if profile.auth_host is not None:
        normalize_auth_host(profile.auth_host)
    for name, value in (("tenant", profile.tenant), ("site", profile.site)):
        if value is not None:
            check_id(name, value, f"--{name}")
    return profile._replace(backend=_checked_backend(profile.backend), **numbers)


def _checked_backend(url: str | None) -> str:
    if not url:
        forms = ", or ".join(f"--backend {scheme.form}" for scheme in SCHEMES.values() if scheme.listed)
        raise UsageError("a profile needs a backend", hint=forms)
    return normalize_url(url)


def _require_client(profile: Profile, login: Login | None, values: dict[str, Any], saving: Saving) -> None:
    """Raises UsageError for options that only a client uses, if there is none; and for two secrets."""
    secrets = {
        "--secret-stdin": saving.secret_from_stdin,
        "--secret-command": values.get("secret_command"),
        "--keyring": values.get("keyring"),
    }
    given = [option for option, value in secrets.items() if value]
    if login is None and profile.client_id is not None:
        raise UsageError(f"{profile.backend} is a local store, which has no clients", hint="omit --client-id")
    if given and profile.client_id is None:
        raise UsageError(f"{given[0]} needs a client id", hint="pass --client-id ID")
    if "--secret-command" in given and len(given) > 1:
        others = " and ".join(option for option in given if option != "--secret-command")
        raise UsageError(f"expected --secret-command or {others}, not both")


def _with_secret(
    terminal: Terminal, old: Profile | None, new: Profile, values: dict[str, Any], saving: Saving
) -> tuple[Profile, str | None]:
    """The profile without secrets that no longer apply, and the secret to store, if there is one."""
    if new.client_id is None:
        return new._replace(secret_command=None, keyring=False, shared_secret=None), None
    if values.get("secret_command"):
        return new._replace(keyring=False, shared_secret=None), None
    if values.get("keyring"):
        new = new._replace(secret_command=None)
    same_client = old is not None and (login_origin(old), old.client_id) == (login_origin(new), new.client_id)
    if old and same_client and not saving.secret_from_stdin and _same_source(old, new):
        return new, None
    if new.keyring:
        require_keyring()
    if saving.secret_from_stdin:
        secret = terminal.read_secret()
        if not secret:
            raise UsageError("stdin contains no secret", hint="pipe the shared secret into --secret-stdin")
        return new._replace(secret_command=None, shared_secret=None), secret
    if old and same_client and new.keyring and old.shared_secret:
        return new._replace(shared_secret=None), old.shared_secret
    if new.secret_command:
        return new, None
    return new._replace(shared_secret=None), _prompted(terminal, new)


def _with_password(
    terminal: Terminal, old: Profile | None, new: Profile, values: dict[str, Any], saving: Saving
) -> tuple[Profile, str | None]:
    """The profile of a database without the password in its URL, and the password to store, if there is one.

    Without one, the driver looks for it in PGPASSWORD and ~/.pgpass.
    """
    if new.client_id is not None or values.get("keyring"):
        option = "--keyring" if new.client_id is None else "--client-id"
        raise UsageError(f"{option} is for a tenant: a database has a user, which is part of its URL")
    url, password = take_password(new.backend or "")
    new = new._replace(backend=url)
    given = [
        source
        for source, is_given in (
            ("a password in the URL", password is not None),
            ("--secret-stdin", saving.secret_from_stdin),
            ("--secret-command", bool(values.get("secret_command"))),
        )
        if is_given
    ]
    if len(given) > 1:
        raise UsageError(f"expected {' or '.join(given)}, not both")
    if saving.secret_from_stdin:
        password = terminal.read_secret()
        if not password:
            raise UsageError("stdin contains no secret", hint="pipe the password into --secret-stdin")
    if password is not None or (old is not None and old.backend != url):
        command = values.get("secret_command") or None
        new = new._replace(secret_command=command, shared_secret=None)
    elif values.get("secret_command"):
        new = new._replace(shared_secret=None)
    return new, password


def _same_source(old: Profile, new: Profile) -> bool:
    return all(getattr(old, name) == getattr(new, name) for name in _SECRETS)


def _prompted(terminal: Terminal, profile: Profile) -> str | None:
    """The secret as typed; None to be asked each time. Raises UsageError if it cannot be asked for."""
    if not terminal.can_prompt:
        raise UsageError(
            f"the client {profile.client_id} needs a shared secret, and there is no terminal to ask for it",
            hint="pipe it into --secret-stdin, or pass --secret-command COMMAND",
        )
    optional = "" if profile.keyring else " (Enter to be asked each time)"
    secret = terminal.prompt_secret(f"Shared secret{optional}: ")
    if secret is None or (profile.keyring and not secret):  # Ctrl-D; or Enter, which the keyring cannot store
        raise UsageError("no shared secret was typed; nothing was saved")
    return secret or None


def _check(terminal: Terminal, path: str, profile: Profile, secret: str | None) -> None:
    """Reaches the backend as a command with this profile would, as far as a ticket."""
    unsaved = ConfigFile(path, None, {profile.name: profile._replace(shared_secret=secret)})
    if secret is None:
        unsaved.profiles[profile.name] = profile
    settings = resolve({"profile": profile.name}, os.environ, unsaved)
    backend = open_backend(settings.target(lambda: secret or read_secret(settings, terminal.prompt_secret)))
    try:
        for check in backend.checks():
            check.run()
            if check.name == "ticket":
                break
    finally:
        backend.close()


def _inform(terminal: Terminal, path: str, profile: Profile, login: Login | None, secret: str | None) -> None:
    if secret is not None and not profile.keyring:
        kind, safer = ("shared secret", "--keyring or --secret-command are")
        if login is None:
            kind, safer = ("password", "--secret-command is")
        terminal.info(f"the {kind} is stored in {path} in plain text, readable only by you; {safer} safer")
    if login and login.required and profile.client_id is None:
        terminal.info(
            f"note: {profile.backend} needs credentials, and the profile has none:"
            f" add them with segments profile set {profile.name} --client-id ID"
        )
