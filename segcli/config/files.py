"""config.yaml: read into profiles, every fault told with its file and line."""

from typing import Any, NamedTuple

from segcli.errors import ConfigError


class Profile(NamedTuple):
    """A named backend, and what reaching it takes. Everything but the name may be missing."""

    name: str
    backend: str | None = None
    client_id: str | None = None
    auth_host: str | None = None
    tenant: str | None = None
    site: str | None = None
    secret_command: str | None = None
    keyring: bool = False
    shared_secret: str | None = None
    ca_bundle: str | None = None
    rps: float | None = None
    timeout: float | None = None
    output: str | None = None


class ConfigFile(NamedTuple):
    """What config.yaml holds: its profiles, and the name of the one that is used unasked."""

    path: str
    current: str | None
    profiles: dict[str, Profile]


def read_config(path: str) -> ConfigFile:
    """The file's profiles; none where there is no file. Raises ConfigError with file and line."""
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        return ConfigFile(path, None, {})
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}") from error
    return _Reader(path, text).read()


class _Reader:
    """Reads the YAML as nodes, which know their lines, and turns them into profiles."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text

    def read(self) -> ConfigFile:
        import yaml

        try:
            root = yaml.compose(self._text, Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            said = getattr(error, "problem", None) or "this is no YAML"
            raise self._fault(mark, str(said)) from None
        current: str | None = None
        profiles: dict[str, Profile] = {}
        for name, key, value in self._members(root, "the file") if root else ():
            if name == "current":
                current = self._text_of(value, name)
            elif name == "profiles":
                for profile_name, _, members in self._members(value, "profiles"):
                    profiles[profile_name] = self._profile(profile_name, members)
            else:
                raise self._fault(key.start_mark, f"there is no setting {name}; known are current, profiles")
        if current is not None and current not in profiles:
            raise ConfigError(
                f"{self._path}: the current profile {current} is not among its profiles",
                hint="segments profile use NAME",
            )
        return ConfigFile(self._path, current, profiles)

    def _profile(self, profile: str, node: Any) -> Profile:
        values: dict[str, Any] = {}
        for name, key, value in self._members(node, f"profile {profile}"):
            if name not in Profile._fields or name == "name":
                known = ", ".join(field for field in Profile._fields if field != "name")
                raise self._fault(key.start_mark, f"there is no setting {name}; known are {known}")
            values[name] = self._value(name, value)
        return Profile(profile, **values)

    def _value(self, name: str, node: Any) -> Any:
        text = self._text_of(node, name)
        if name == "keyring":
            if text.lower() not in ("true", "false"):
                raise self._fault(node.start_mark, "keyring is true or false")
            return text.lower() == "true"
        if name in ("rps", "timeout"):
            try:
                number = float(text)
            except ValueError:
                number = 0.0
            if not 0 < number < float("inf"):
                raise self._fault(node.start_mark, f"{name} is a number more than 0")
            return number
        return text

    def _members(self, node: Any, what: str) -> list[tuple[str, Any, Any]]:
        """The members of a mapping: name, the name's node, the value's node."""
        if node.id == "scalar" and node.value in ("", "null", "~"):
            return []
        if node.id != "mapping":
            raise self._fault(node.start_mark, f"{what} is a list of names and values")
        members = [(self._text_of(key, "a name"), key, value) for key, value in node.value]
        names = [name for name, _, _ in members]
        for index, (name, key, _) in enumerate(members):
            if name in names[:index]:
                raise self._fault(key.start_mark, f"{name} is there twice")
        return members

    def _text_of(self, node: Any, what: str) -> str:
        if node.id != "scalar" or node.tag == "tag:yaml.org,2002:null":
            raise self._fault(node.start_mark, f"{what} is a text or a number")
        return str(node.value)

    def _fault(self, mark: Any, message: str) -> ConfigError:
        line = f", line {mark.line + 1}" if mark is not None else ""
        return ConfigError(f"{self._path}{line}: {message}", hint="segments doctor checks the whole set-up")
