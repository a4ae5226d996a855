"""Every example of every manual page runs as written."""

import re
from pathlib import Path

import pytest

from tests.support.command import Segments
from tests.support.pages import PAGES, examples
from tests.support.readme_lines import prepare, run
from tests.support.tenant_server import CLIENT_ID, SECRET, TenantServer

NEW_PROFILES = ("segments-profile-add.1", "segments-profile.1", "segments-config.5")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_examples_run_as_written(page: Path, segments: Segments, tenant: TenantServer) -> None:
    if page.name == "segments-undo.1":  # it undoes what the same user did
        for code in ("A", "B", "C", "D"):
            segments.ok("add", code)
    else:
        prepare(segments)
    segments.env["VISUAL"] = "true"
    if page.name not in NEW_PROFILES:
        _add_profile(segments, tenant)
    lines = examples(page)
    assert lines
    for line in lines:
        if line.startswith("segments add "):
            segments("delete", line.split()[2], "--yes", "--ignore-missing")
        assert run(segments, line) == 0, line


def _add_profile(segments: Segments, tenant: TenantServer) -> None:
    where = ("--backend", tenant.url, "--auth-host", tenant.url, "--client-id", CLIENT_ID)
    segments("profile", "add", "sandbox", *where, "--secret-stdin", stdin=SECRET)
    (config,) = segments.home.rglob("config.yaml")
    config.write_text(re.sub("^current: .*\n", "", config.read_text(), flags=re.MULTILINE))
