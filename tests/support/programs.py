"""Programs of the system that tests run: shells, readers of manual pages, checkers."""

import shutil

import pytest


def program(name: str) -> str:
    """Where a program is; a machine that has none of it skips the test, and the gate installs them all."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path
