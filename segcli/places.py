"""Where a user's files lie: the store, the configuration, the cache, the journals."""

import os
import sys

_APP = "segments"
_XDG = {
    "data": ("XDG_DATA_HOME", ".local/share"),
    "config": ("XDG_CONFIG_HOME", ".config"),
    "cache": ("XDG_CACHE_HOME", ".cache"),
    "state": ("XDG_STATE_HOME", ".local/state"),
}


def user_folder(kind: str) -> str:
    """The folder for our `data`, `config`, `cache` or `state`, as platformdirs names it.

    On Linux the rule is short (the XDG base directories), and platformdirs takes a tenth of `gh`'s
    start-up to load: so the rule stands here, and a test holds it against the library.
    """
    if sys.platform == "linux" and not hasattr(sys, "getandroidapilevel"):
        variable, below_home = _XDG[kind]
        base = os.environ.get(variable, "")
        if not os.path.isabs(base):
            base = os.path.join(os.path.expanduser("~"), below_home)
        return os.path.join(base, _APP)
    import platformdirs

    folder: str = getattr(platformdirs, f"user_{kind}_dir")(_APP, appauthor=False)
    return folder
