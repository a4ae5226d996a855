"""Our folders are where platformdirs would put them, whatever the environment says."""

import platformdirs
import pytest

from segcli.paths import user_folder

VARIABLES = {
    "data": "XDG_DATA_HOME",
    "config": "XDG_CONFIG_HOME",
    "cache": "XDG_CACHE_HOME",
    "state": "XDG_STATE_HOME",
}


@pytest.mark.parametrize("kind", VARIABLES)
@pytest.mark.parametrize("said", [None, "", " ", "/x", "/x/", "//x", "relative/y", "~/z", " /x"])
def test_a_folder_is_where_platformdirs_puts_it(
    monkeypatch: pytest.MonkeyPatch, kind: str, said: str | None
) -> None:
    monkeypatch.delenv(VARIABLES[kind], raising=False)
    if said is not None:
        monkeypatch.setenv(VARIABLES[kind], said)
    expected = getattr(platformdirs, f"user_{kind}_dir")("segments", appauthor=False)
    assert user_folder(kind) == expected
