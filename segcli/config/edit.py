"""Changes config.yaml: comments are kept, and the file is replaced in one step."""

from collections.abc import Callable
from io import StringIO
from typing import Any

from segcli.config.files import Profile, read_config
from segcli.errors import ConfigError
from segcli.paths import replace_private_file


def save_profile(path: str, profile: Profile, *, use: bool) -> None:
    """Adds or replaces a profile; `use` makes it the current one. Raises ConfigError."""

    def change(document: Any) -> None:
        profiles = document.setdefault("profiles", {})
        values = {k: v for k, v in profile._asdict().items() if k != "name" and v not in (None, False)}
        if profile.name in profiles:
            for name in [name for name in profiles[profile.name] if name not in values]:
                del profiles[profile.name][name]
            profiles[profile.name].update(values)
        else:
            profiles[profile.name] = values
        if use:
            document["current"] = profile.name

    _change(path, change)


def use_profile(path: str, name: str | None) -> None:
    """Makes a profile the current one; None means that there is none. Raises ConfigError."""

    def change(document: Any) -> None:
        _set_current(document, name)

    _change(path, change)


def remove_profile(path: str, name: str, *, current: str | None) -> None:
    """Removes a profile, and sets which one is current afterwards. Raises ConfigError."""

    def change(document: Any) -> None:
        del document["profiles"][name]
        _set_current(document, current)

    _change(path, change)


def _set_current(document: Any, name: str | None) -> None:
    if name is not None:
        document["current"] = name
    else:
        document.pop("current", None)


def _change(path: str, change: Callable[[Any], None]) -> None:
    from ruamel.yaml import YAML

    read_config(path)  # an invalid file is reported with its line, not overwritten
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    try:
        with open(path, encoding="utf-8") as file:
            document = yaml.load(file) or {}
    except FileNotFoundError:
        document = {}
    change(document)
    text = StringIO()
    yaml.dump(document, text)
    try:
        replace_private_file(path, text.getvalue(), sync=True)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}") from error
