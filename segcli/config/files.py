"""Reads config.yaml; every error names the file and the line."""

import os
from typing import Any, NamedTuple

from segcli.errors import ConfigError
from segcli.paths import readable_by_others, writable_by_others
from segcli.text import quoted


class Profile(NamedTuple):
    """A named backend, and what is needed to reach it. Everything but the name is optional."""

    name: str
    backend: str | None = None
    client_id: str | None = None
    auth_host: str | None = None
    tenant: str | None = None
    site: str | None = None
    customer_set: str | None = None
    secret_command: str | None = None
    keyring: bool = False
    shared_secret: str | None = None
    ca_bundle: str | None = None
    rps: float | None = None
    timeout: float | None = None
    output: str | None = None
    keep_history: str | None = None


class ConfigFile(NamedTuple):
    """The contents of config.yaml: profiles, and the name of the default profile.

    `warning` is not None if other users can read a secret in the file.
    """

    path: str
    current: str | None
    profiles: dict[str, Profile]
    warning: str | None = None


def read_config(path: str) -> ConfigFile:
    """The file's contents; no profiles if it does not exist.

    Raises ConfigError, with file and line if the contents are invalid, or if other users can change the file:
    a profile may name a command to run.
    """
    for each in (os.path.dirname(path), path):
        reason = writable_by_others(each)
        if reason:
            raise ConfigError(
                f"{each} {reason}, so the configuration may be another user's",
                hint=f"check {path}, then run: chmod go-w {quoted(each)}",
            )
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        return ConfigFile(path, None, {})
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    config = _Reader(path, text).read()
    if any(profile.shared_secret for profile in config.profiles.values()):
        mode = readable_by_others(path)
        if mode:
            warning = f"other users can read the secret in {path} (mode {mode}): run chmod 600 {quoted(path)}"
            return config._replace(warning=warning)
    return config


class _Reader:
    """Reads the YAML as nodes, which have line numbers, and converts them to profiles."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text

    def read(self) -> ConfigFile:
        import yaml

        try:
            root = yaml.compose(self._text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            problem = getattr(error, "problem", None) or "not valid YAML"
            raise self._error(mark, str(problem)) from None
        except RecursionError:
            raise self._error(None, "nested too deeply") from None
        current: str | None = None
        profiles: dict[str, Profile] = {}
        for name, key, value in self._members(root, "the file") if root else ():
            if name == "current":
                current = self._text_of(value, name)
            elif name == "profiles":
                for profile_name, _, members in self._members(value, "profiles"):
                    profiles[profile_name] = self._profile(profile_name, members)
            else:
                raise self._error(key.start_mark, f"unknown setting '{name}': expected current or profiles")
        if current is not None and current not in profiles:
            raise ConfigError(
                f"{self._path}: there is no profile {current}, but it is the current one",
                hint=f"correct or remove the line: current: {current}",
            )
        return ConfigFile(self._path, current, profiles)

    def _profile(self, profile: str, node: Any) -> Profile:
        values: dict[str, Any] = {}
        for name, key, value in self._members(node, f"profile {profile}"):
            if name not in Profile._fields or name == "name":
                known = ", ".join(field for field in Profile._fields if field != "name")
                raise self._error(key.start_mark, f"unknown setting '{name}': expected one of {known}")
            values[name] = self._value(name, value)
        return Profile(profile, **values)

    def _value(self, name: str, node: Any) -> Any:
        text = self._text_of(node, name)
        if name == "keyring":
            if text.lower() not in ("true", "false"):
                raise self._error(node.start_mark, f"keyring: expected true or false, not '{text}'")
            return text.lower() == "true"
        if name in ("rps", "timeout"):
            try:
                number = float(text)
            except ValueError:
                number = 0.0
            if not 0 < number < float("inf"):
                raise self._error(node.start_mark, f"{name}: expected a number greater than 0, not '{text}'")
            return number
        if name == "keep_history" and not is_duration(text):
            raise self._error(
                node.start_mark, f"keep_history: expected a duration such as 365d, not '{text}'"
            )
        if name == "customer_set" and not text.strip():
            raise self._error(node.start_mark, "customer_set: expected the code of a customer set")
        return text

    def _members(self, node: Any, what: str) -> list[tuple[str, Any, Any]]:
        """The members of a mapping: name, the name's node, the value's node."""
        if node.id == "scalar" and node.value in ("", "null", "~"):
            return []
        if node.id != "mapping":
            raise self._error(node.start_mark, f"{what}: expected names with values")
        members = [(self._text_of(key, "a name"), key, value) for key, value in node.value]
        names = [name for name, _, _ in members]
        for index, (name, key, _) in enumerate(members):
            if name in names[:index]:
                raise self._error(key.start_mark, f"{name} appears twice")
        return members

    def _text_of(self, node: Any, what: str) -> str:
        if node.id != "scalar" or node.tag == "tag:yaml.org,2002:null":
            raise self._error(node.start_mark, f"{what}: expected text or a number")
        return str(node.value)

    def _error(self, mark: Any, message: str) -> ConfigError:
        line = f", line {mark.line + 1}" if mark is not None else ""
        return ConfigError(f"{self._path}{line}: {message}", hint="correct the file")


def is_duration(text: str) -> bool:
    """Whether a text is a number of days or hours, such as 365d."""
    digits, unit = text[:-1], text[-1:]
    return unit in ("d", "h") and digits.isascii() and digits.isdigit() and len(digits) <= 5
