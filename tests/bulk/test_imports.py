"""Modules that are loaded: a few accounts on the command line need nothing for files and chunks."""

import subprocess
import sys

import pytest

from tests.support.command import Segments

FOR_FILES = {"segcli.inputs.collect", "csv", "gzip", "segcli.inputs.reader", "segcli.inputs.blocks"}
OTHER_FORMATS = {
    "csv",
    "gzip",
    "msgspec",
    "numpy",
    "segcli.inputs.documents",
    "segcli.inputs.json_array",
    "segcli.inputs.json_values",
    "segcli.inputs.records",
}
FOR_CHUNKS = {"hashlib", "threading", "segcli.bulk.sender", "segcli.bulk.resume"}
FOR_CHANGES = {"segcli.bulk.change", "segcli.bulk.plan", "segcli.inputs.source", "segcli.inputs.rejects"}
HEAVY = {"rich", "requests", "typer", "yaml", "logging", "subprocess"}


def loaded(segments: Segments, *arguments: str) -> set[str]:
    """The modules that a command loads."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "segcli", *arguments],
        env=segments.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


@pytest.fixture
def vip(segments: Segments) -> Segments:
    segments.ok("add", "VIP")
    return segments


@pytest.mark.parametrize("verb", ["add", "remove"])
def test_a_few_accounts_load_nothing_for_files_and_chunks(vip: Segments, verb: str) -> None:
    modules = loaded(vip, "accounts", verb, "VIP", "5", "6")
    assert "segcli.bulk.change" in modules
    assert modules & (FOR_FILES | FOR_CHUNKS | HEAVY) == set()
    assert "segcli.operations.accounts" not in modules


@pytest.mark.parametrize("arguments", [("list", "VIP"), ("of", "5")], ids=str)
def test_reading_loads_nothing_for_changes(vip: Segments, arguments: tuple[str, ...]) -> None:
    vip.ok("accounts", "add", "VIP", "5")
    modules = loaded(vip, "accounts", *arguments)
    assert "segcli.operations.accounts" in modules
    assert modules & (FOR_CHANGES | FOR_FILES | FOR_CHUNKS | HEAVY) == set()


def test_a_file_loads_what_it_needs(vip: Segments) -> None:
    path = vip.home / "ids.txt"
    path.write_text("1\n2\n")
    modules = loaded(vip, "accounts", "add", "VIP", "--file", str(path))
    assert "segcli.inputs.text_lines" in modules
    assert modules & (FOR_CHUNKS | HEAVY | OTHER_FORMATS) == set()
