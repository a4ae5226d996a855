"""The URL of a database: its parts, and how it is shown."""

from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

SCHEMA = "segcli"  # of the tables, unless the URL's options name another
_SECRETS = ("password", "sslpassword")


def masked(url: str) -> str:
    """The URL without its passwords, for messages."""
    start, slashes, rest = url.partition("://")
    if not slashes:
        return url
    ends = [end for end in (rest.find(mark) for mark in "/?#") if end >= 0]
    authority, rest = rest[: min(ends, default=len(rest))], rest[min(ends, default=len(rest)) :]
    user, at, hosts = authority.rpartition("@")
    if ":" in user:
        user = user.partition(":")[0] + ":***"
    path, mark, query = rest.partition("?")
    settings = [
        f"{name}=***" if name in _SECRETS else setting
        for setting in query.split("&")
        for name in [setting.partition("=")[0]]
    ]
    return f"{start}{slashes}{user}{at}{hosts}{path}{mark}{'&'.join(settings)}"


def take_password(url: str) -> tuple[str, str | None]:
    """The URL without its password, and the password."""
    parts = urlsplit(url)
    user, at, hosts = parts.netloc.rpartition("@")
    name, colon, text = user.partition(":")
    password = unquote(text) if colon else None
    settings = []
    for setting in parts.query.split("&"):
        if setting.startswith("password="):
            password = unquote(setting.removeprefix("password="))
        else:
            settings.append(setting)
    rest = parts._replace(netloc=f"{name}{at}{hosts}", query="&".join(settings))
    return rest.geturl(), password


def normalized(url: str) -> str:
    """The URL without a fragment. Raises UsageError if it is not valid."""
    settings_of(url)
    return url


def settings_of(url: str) -> dict[str, str]:
    """The settings in the URL, by libpq's names. Raises UsageError if it is not valid."""
    from segcli.errors import UsageError

    problem = None
    try:
        urlsplit(url)
        import psycopg2.extensions

        try:
            return {name: str(value) for name, value in psycopg2.extensions.parse_dsn(_strict(url)).items()}
        except psycopg2.Error as error:
            problem = str(error).strip()
    except ImportError:
        return {}
    except ValueError as error:
        problem = str(error)
    # libpq's message may repeat a part of the URL, but not its password.
    raise UsageError(f"'{masked(url)}' is not a PostgreSQL URL: {problem}")


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
