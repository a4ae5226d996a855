"""The command on a shared store: a life cycle, profiles, Ctrl-C, completion and `serve`."""

import signal
import time
from pathlib import Path

import pytest
import requests

from segcli.backends.base import Backend
from segcli.model import SegmentDraft
from tests.support.backends import add, codes
from tests.support.command import Segments
from tests.support.postgresql import new_role, new_store, schema_of, server
from tests.support.serving import SEGMENTS, served

PASSWORD = "p%:w@/?"
ENCODED = "p%25%3Aw%40%2F%3F"


@pytest.fixture
def shared(segments: Segments, url: str) -> Segments:
    """The command with a shared store as its backend."""
    segments.env["SEGMENTS_BACKEND"] = url
    return segments


@pytest.fixture
def secured() -> str:
    """The URL, with its password, of a store of its own."""
    role = new_role(f"LOGIN SUPERUSER PASSWORD '{PASSWORD}'")
    return f"postgresql://{role}:{ENCODED}@127.0.0.1:{server().port}/secured?options=-csearch_path={role}"


def test_a_life_cycle(shared: Segments, url: str) -> None:
    assert shared.ok("list").stderr == f"there is no store at {url} yet; the first write creates it\n"
    assert shared.ok("add", "VIP", "--name", "Very important").stderr == f"created the store {url}\n"
    assert shared.ok("add", "VIP", "--exists", "skip", "-o", "json").json["id"] == 1
    assert shared("add", "VIP").code == 4
    assert shared.ok("accounts", "add", "VIP", "1001", "1002", "-o", "json").json["added"] == 2
    assert shared.ok("accounts", "list", "VIP").lines == ["1001", "1002"]
    assert shared.ok("accounts", "list", "VIP minus VIP").lines == []
    assert shared.ok("accounts", "remove", "VIP", "1001", "-o", "json").json["removed"] == 1
    assert shared.ok("accounts", "of", "1002", "-o", "code").lines == ["VIP"]
    assert shared.ok("update", "VIP", "--code", "GOLD", "-o", "code").lines == ["GOLD"]
    assert shared.ok("list", "--filter", "name cont ERY", "-o", "code").lines == ["GOLD"]
    assert shared.ok("doctor", "-o", "json").json["items"][-2]["detail"].endswith(f"schema {schema_of(url)}")
    shared.ok("delete", "GOLD", "--yes")
    assert shared("get", "GOLD").code == 3
    assert shared.ok("add", "NEXT", "-o", "json").json["id"] > 1


def test_a_profile_keeps_the_password_as_a_secret_which_is_never_shown(
    segments: Segments, secured: str
) -> None:
    shown = segments.ok("profile", "add", "team", "--backend", secured, "--use", "-o", "json")
    without = secured.replace(f":{ENCODED}", "")
    assert f"backend: {without}" in segments.config_file.read_text()
    segments.ok("add", "VIP")
    outputs = [
        shown,
        segments.ok("profile", "show"),
        segments.ok("profile", "list"),
        segments.ok("doctor", "-v"),
        segments.ok("list", "-v", "--backend", secured),
        segments.ok("doctor", "--backend", secured),
        segments("list", "--backend", secured.replace(ENCODED, f"{ENCODED}x")),
        segments("list", "--backend", f"x{secured}"),
    ]
    for output in outputs:
        for secret in (PASSWORD, ENCODED):
            assert secret not in output.stdout + output.stderr
    assert [output.code for output in outputs] == [0] * 6 + [5, 2]


def test_a_profile_takes_the_password_from_a_command_or_from_stdin(
    segments: Segments, secured: str, tmp_path: Path
) -> None:
    without = secured.replace(f":{ENCODED}", "")
    script = tmp_path / "password"
    script.write_text(f"#!/bin/sh\necho '{PASSWORD}'\n")
    script.chmod(0o700)
    segments.ok("profile", "add", "one", "--backend", without, "--secret-command", str(script))
    done = segments("profile", "add", "two", "--backend", without, "--secret-stdin", stdin=PASSWORD)
    assert done.code == 0
    segments.ok("profile", "add", "none", "--backend", without)
    for name in ("one", "two"):
        segments.ok("--profile", name, "list")
    assert segments("--profile", "none", "list").code == 5
    for option in (("--client-id", "x"), ("--keyring",)):
        assert segments("profile", "add", "no", "--backend", without, *option).code == 2
    both = ("--secret-command", str(script))
    assert segments("profile", "add", "no", "--backend", secured, *both).code == 2


def test_ctrl_c_cancels_the_statement_on_the_server(shared: Segments, url: str, backend: Backend) -> None:
    (vip,) = add(backend, "VIP")
    with backend.transaction():
        backend.update_segment(vip.id, SegmentDraft("GOLD"))
        waiting = shared.start("update", "VIP", "--name", "x", "--timeout", "600")
        wait_for_statements(1)
        waiting.send_signal(signal.SIGINT)
        _, stderr = waiting.communicate(timeout=20)
        wait_for_statements(0)
    assert waiting.returncode == 130
    assert b"Traceback" not in stderr
    assert codes(backend) == ["GOLD"]


def wait_for_statements(count: int) -> None:
    """Until that many wait for a lock."""
    deadline = time.monotonic() + 20
    while int(server().sql("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")) != count:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_servers_on_one_store_have_one_winner_for_a_code(tmp_path: Path) -> None:
    url = new_store()
    homes = [tmp_path / name for name in ("one", "two")]
    for home in homes:
        home.mkdir()
    options = ("--backend", url)
    with served(homes[0], *options) as one, served(homes[1], *options) as two:
        for number in range(3):
            statuses = [
                requests.post(
                    each.url + SEGMENTS,
                    json={"code": f"VIP{number}"},
                    headers=each.fetch_headers(),
                    timeout=10,
                ).status_code
                for each in (one, two)
            ]
            assert sorted(statuses) == [200, 409]
        found = [
            requests.get(each.url + SEGMENTS, headers=each.fetch_headers(), timeout=10).json()
            for each in (one, two)
        ]
    assert found[0] == found[1]
    assert found[0]["totalCount"] == 3


def test_a_store_moves_to_a_shared_one_and_back(segments: Segments, url: str) -> None:
    segments.ok("add", "VIP", "--name", "Very important")
    segments.ok("accounts", "add", "VIP", "1", "2", "2147483647")
    segments.ok("add", "EMPTY")
    to_shared = ("--backend", url)
    source = f"sqlite:{segments.store}"
    segments.ok("apply", source, "--accounts", "--yes", *to_shared)
    assert segments.ok("accounts", "list", "VIP", *to_shared).lines == ["1", "2", "2147483647"]
    plan = segments.ok("diff", source, "--accounts", *to_shared, "-o", "json").json["items"]
    assert [each["action"] for each in plan] == ["none", "none"]
    segments.ok("accounts", "remove", "VIP", "2", *to_shared)
    segments.ok("delete", "EMPTY", "--yes", *to_shared)
    segments.ok("apply", url, "--accounts", "--prune", "--yes", "--max-remove", "90%", "--max-delete", "1")
    assert segments.ok("accounts", "list", "VIP").lines == ["1", "2147483647"]
    assert segments.ok("list", "-o", "code").lines == ["VIP"]
