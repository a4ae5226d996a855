"""A mistyped command or option: the nearest one is named, and the help to read."""

import pytest

from tests.support.command import Segments


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("lst", "error: no such command 'lst'. Did you mean 'list'?"),
        ("accounts ad", "error: no such command 'ad'. Did you mean 'add'?"),
        ("profil", "error: no such command 'profil'. Did you mean 'profile'?"),
        ("list --filtr x", "error: no such option: --filtr. Did you mean --filter?"),
        ("list --outptu json", "error: no such option: --outptu. Did you mean --output?"),
        ("--verbos list", "error: no such option: --verbos. Did you mean --verbose?"),
        ("delete VIP --yse", "error: no such option: --yse. Did you mean --yes?"),
    ],
)
def test_the_nearest_name_is_suggested(segments: Segments, line: str, error: str) -> None:
    done = segments(*line.split())
    message, hint = done.stderr.splitlines()
    assert (done.code, done.stdout) == (2, "")
    assert message == error
    assert hint.startswith("hint: see segments ")


@pytest.mark.parametrize("line", ["qqqqqq", "list --qqqqqq"])
def test_nothing_is_suggested_if_nothing_is_near(segments: Segments, line: str) -> None:
    done = segments(*line.split())
    assert done.code == 2
    assert "qqqqqq" in done.stderr
    assert "Did you mean" not in done.stderr
