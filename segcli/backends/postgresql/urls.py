"""The URL of a database: its parts, and how it is shown."""

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

SCHEMA = "segcli"  # of the tables, unless the URL's options name another
_SECRETS = ("password", "sslpassword", "oauth_client_secret")
_ENCODE = "write / as %2F, @ as %40, : as %3A, ? as %3F and % as %25 in a user or a password"


def masked(url: str) -> str:
    """The URL without its passwords, for messages; also of a URL that is not valid."""
    start, slashes, rest = url.partition("://")
    if not slashes:
        return url
    user, at, place, settings = _split(rest)
    if ":" in user:
        user = user.partition(":")[0] + ":***"
    shown = [
        f"{setting.partition('=')[0]}=***" if _name(setting) in _SECRETS else setting for setting in settings
    ]
    return f"{start}{slashes}{user}{at}{place}{_query(shown)}"


def take_password(url: str) -> tuple[str, str | None]:
    """The URL without its password, and the password. The URL is valid."""
    start, slashes, rest = url.partition("://")
    user, at, place, settings = _split(rest)
    user, colon, text = user.partition(":")
    password = unquote(text) if colon else None
    kept = []
    for setting in settings:
        if _name(setting) == "password":
            password = unquote(setting.partition("=")[2])
        else:
            kept.append(setting)
    return f"{start}{slashes}{user}{at}{place}{_query(kept)}", password


def _split(rest: str) -> tuple[str, str, str, list[str]]:
    """What follows `://`: the user with a password, `@` or nothing, hosts and database, the query's settings.

    As libpq does it, the user ends at an `@` before the first `/`. If a password has such a character that is
    not encoded, the user ends at the last `@`, so that no part of the password is shown.
    """
    end = _end_of_user(rest)
    user, at = (rest[:end], "@") if end >= 0 else ("", "")
    place, mark, query = rest[end + 1 :].partition("?")
    return user, at, place, query.split("&") if mark else []


def _end_of_user(rest: str) -> int:
    """The index of the `@` after the user; -1 if there is none."""
    authority = rest.partition("/")[0]
    first = authority.find("@")
    if first >= 0:
        mark = authority.find("?", first)
        return authority.rfind("@", 0, mark if mark >= 0 else len(authority))
    return rest.rfind("@") if _has_bare_password(rest) else -1


def _has_bare_password(rest: str) -> bool:
    """Whether libpq would take a part of a password for a port or a database."""
    authority = rest.partition("/")[0]
    if "@" in authority or "@" not in rest:
        return False
    place, _, query = rest.partition("?")
    ports = authority.partition("?")[0].rpartition("]")[2].replace(",", ":").split(":")[1:]
    return (
        "@" in place
        or (len(ports) == 1 and not ports[0].isdecimal())
        or any(not _name(setting).isidentifier() for setting in query.split("&"))
    )


def _name(setting: str) -> str:
    return unquote(setting.partition("=")[0])


def _query(settings: list[str]) -> str:
    return "?" + "&".join(settings) if settings else ""


def normalized(url: str) -> str:
    """The URL without a fragment. Raises UsageError if it is not valid."""
    settings_of(url)
    return url


def settings_of(url: str) -> dict[str, str]:
    """The settings in the URL, by libpq's names. Raises UsageError if it is not valid."""
    from segcli.errors import UsageError

    try:
        urlsplit(url)
        import psycopg2.extensions

        try:
            parsed = psycopg2.extensions.parse_dsn(_strict(url))
        except psycopg2.Error as error:  # what follows a colon can be a part of a password
            problem = str(error).strip().removeprefix("invalid dsn: ").partition(":")[0]
            raise UsageError(f"'{masked(url)}' is not a PostgreSQL URL: {problem}", hint=_ENCODE) from None
    except ImportError:
        return {}
    except ValueError as error:
        raise UsageError(f"'{masked(url)}' is not a PostgreSQL URL: {error}") from None
    settings = {name: str(value) for name, value in parsed.items()}
    ports = settings.get("port", "").split(",")
    if (
        "@" in settings.get("host", "")
        or _has_bare_password(url.partition("://")[2])
        or not all(port.isdecimal() for port in ports if port)
    ):
        raise UsageError(
            f"'{masked(url)}' is not a PostgreSQL URL: a host or port is invalid",
            hint=_ENCODE,
        )
    return settings


def _strict(url: str) -> str:
    """The URL as libpq reads it, which expects an encoded `=` in a value such as that of `options`."""
    start, mark, query = url.partition("?")
    settings = []
    for setting in query.split("&"):
        name, equals, value = setting.partition("=")
        settings.append(name + equals + value.replace("=", "%3D"))
    return start + mark + "&".join(settings)


def take_schema(settings: dict[str, str]) -> str:
    """The schema that the URL's options name, which are removed: it is set in each transaction instead."""
    kept, schema = [], SCHEMA
    words = settings.get("options", "").replace("-c ", "-c").split()
    for word in words:
        name, equals, value = word.removeprefix("--").removeprefix("-c").partition("=")
        if equals and name == "search_path":
            schema = value.split(",")[0].strip().strip('"') or SCHEMA
        else:
            kept.append(word)
    settings.pop("options", None)
    if kept:
        settings["options"] = " ".join(kept)
    return schema


def hosts_of(settings: Mapping[str, str]) -> list[dict[str, str]]:
    """The settings of each host to try, in order: a host of the URL, and what all of them share."""
    names = ("host", "hostaddr", "port")
    lists = {name: settings[name].split(",") for name in names if settings.get(name)}
    count = max((len(lists[name]) for name in ("host", "hostaddr") if name in lists), default=1)
    shared = {name: value for name, value in settings.items() if name not in lists}
    hosts = []
    for n in range(count):
        own = {
            name: values[n if len(values) > 1 else 0]
            for name, values in lists.items()
            if n < len(values) or len(values) == 1
        }
        hosts.append({**shared, **{name: value for name, value in own.items() if value}})
    return hosts
