"""URLs of databases: what is shown of them, what a profile keeps, and which are refused."""

import pytest

from segcli.backends.postgresql.urls import masked, normalized, settings_of, take_password
from segcli.errors import UsageError

# A password with a character that is not encoded, which libpq takes for the end of something.
_BARE = ("se/cret", "se?/cret", "se/?cret", "5432/cret", "5432/?cret@x", "se@cret", "se%cret", "/cret")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://h/db", "postgresql://h/db"),
        ("postgresql://u:secret@h/db", "postgresql://u:***@h/db"),
        ("postgresql://u:se#cret@h/db", "postgresql://u:***@h/db"),
        ("postgresql://u:se?cret@h/db", "postgresql://u:***@h/db"),
        ("postgresql://u:a:b@h:1,i:2/db?sslmode=require", "postgresql://u:***@h:1,i:2/db?sslmode=require"),
        ("postgresql://u@h/db?password=secret&x=1", "postgresql://u@h/db?password=***&x=1"),
        ("postgresql://h/db?pass%77ord=secret", "postgresql://h/db?pass%77ord=***"),
        ("postgresql://h:5432/db?user=me@here", "postgresql://h:5432/db?user=me@here"),
        ("postgresql://u:secret@h?user=me@here", "postgresql://u:***@h?user=me@here"),
        ("postgresql://[::1]:5432/db", "postgresql://[::1]:5432/db"),
        ("https://t1.example.com", "https://t1.example.com"),
    ],
)
def test_a_password_is_not_shown(url: str, shown: str) -> None:
    assert masked(url) == shown


@pytest.mark.parametrize("password", _BARE)
def test_a_password_that_is_not_encoded_is_refused_and_not_shown(password: str) -> None:
    with pytest.raises(UsageError) as raised:
        settings_of(f"postgresql://u:{password}@h/db")
    error = raised.value
    assert error.hint
    assert "%2F" in error.hint
    assert "cret" not in f"{error.message} {error.hint}"


@pytest.mark.parametrize(
    ("url", "kept", "password"),
    [
        ("postgresql://u:s%2Fecret@h/db", "postgresql://u@h/db", "s/ecret"),
        ("postgresql:///db?service=team", "postgresql:///db?service=team", None),
        ("postgresql:///db?host=/run&password=a%26b", "postgresql:///db?host=/run", "a&b"),
        ("postgresql://u@h/db?pass%77ord=secret", "postgresql://u@h/db", "secret"),
        ("postgresql://u:@h/db", "postgresql://u@h/db", ""),
        ("postgresql://u:secret@h?user=me@here", "postgresql://u@h?user=me@here", "secret"),
    ],
)
def test_a_profile_keeps_the_rest_of_the_url(url: str, kept: str, password: str | None) -> None:
    assert normalized(url) == url
    assert take_password(url) == (kept, password)
    assert normalized(kept) == kept
    without = {name: value for name, value in settings_of(url).items() if name != "password"}
    assert settings_of(kept) == without


def test_a_port_is_a_number() -> None:
    with pytest.raises(UsageError, match="a host or port is invalid"):
        settings_of("postgresql://h:54a2/db")
