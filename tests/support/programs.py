"""System programs that tests run: shells, manual page viewers, checkers."""

import shutil

import pytest


def program(name: str) -> str:
    """The path of a program. Skips the test if it is not installed; the gate installs all of them."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path
