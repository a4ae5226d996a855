"""`segments completion values`, which the scripts call: one value per line and nothing else, ever."""

import json
import os
import socket
import sqlite3
import stat
import subprocess
from pathlib import Path

import pytest

from segcli.completion.values import MAX_VALUES
from segcli.model import SegmentDraft
from tests.support.command import COMMAND, Segments
from tests.support.modules import HEAVY, loaded, packages
from tests.support.stores import fill, numbered, open_store
from tests.support.tenant_server import CLIENT_ID, SECRET, TenantServer

CODES = ["VIP", "VIP club", "vip", "STAFF", "2026", "id:7", "code:x", "-dash", "😀", "über"]


@pytest.fixture
def shop(segments: Segments) -> Segments:
    fill(segments, map(SegmentDraft, CODES))
    return segments


def values(segments: Segments, prefix: str, *before: str, kind: str = "segments", **env: str) -> list[str]:
    """The values; whatever fails, no error is printed and the exit code is 0."""
    done = segments(*before, "completion", "values", kind, "--", prefix, **env)
    assert (done.code, done.stderr) == (0, "")
    return done.lines


def tenant_profile(segments: Segments, tenant: TenantServer, **settings: str) -> None:
    """Saves a profile `sandbox` of the tenant, with its secret in the file by default."""
    saved = {"backend": tenant.url, "auth_host": tenant.url, "client_id": CLIENT_ID} | settings
    if "secret_command" not in settings:
        saved["shared_secret"] = SECRET
    config = segments.home / "config" / "segments" / "config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text(json.dumps({"current": "sandbox", "profiles": {"sandbox": saved}}))


def stock(tenant: TenantServer, *codes: str) -> None:
    """Adds segments at the tenant."""
    backend = open_store(str(tenant.store), timeout=30.0)
    with backend.transaction():
        for code in codes:
            backend.add_segment(SegmentDraft(code))
    backend.close()


def cache_of(segments: Segments) -> list[Path]:
    return sorted((segments.home / "cache" / "segments" / "codes").iterdir())


@pytest.mark.parametrize(
    ("prefix", "offered"),
    [
        ("V", ["VIP", "VIP club"]),
        ("VIP ", ["VIP club"]),
        ("v", ["vip"]),
        ("ü", ["über"]),
        ("😀", ["😀"]),
        ("20", []),
        ("code:20", ["code:2026"]),
        ("code:V", ["code:VIP", "code:VIP club"]),
        ("code:code:", ["code:code:x"]),
        ("id:", []),
        ("-", []),
        ("%", []),
        (
            "",
            [
                "STAFF",
                "VIP",
                "code:-dash",
                "code:2026",
                "code:VIP club",
                "code:code:x",
                "code:id:7",
                "code:😀",
            ],
        ),
    ],
)
def test_codes_are_written_as_a_segment(shop: Segments, prefix: str, offered: list[str]) -> None:
    assert values(shop, prefix)[: len(offered) or None] == offered


def test_every_value_names_its_segment(shop: Segments) -> None:
    named = [shop.ok("get", "-o", "json", "--", value).json["code"] for value in values(shop, "")]
    assert sorted(named) == sorted(CODES)


def test_the_number_of_values_is_limited(segments: Segments) -> None:
    fill(segments, numbered(MAX_VALUES + 50))
    assert values(segments, "S") == [f"S{n:04}" for n in range(1, MAX_VALUES + 1)]
    assert values(segments, "S054") == [f"S{n:04}" for n in range(540, 550)]


def test_the_store_is_read_from_the_index_of_codes(shop: Segments) -> None:
    statements: list[str] = []
    backend = open_store(str(shop.store), timeout=30.0, trace=statements.append)
    codes = backend.codes("V", MAX_VALUES)
    assert (list(codes.items), codes.complete) == (["VIP", "VIP club"], True)
    backend.close()
    (statement,) = [each for each in statements if "FROM segment_record" in each]
    plan = sqlite3.connect(shop.store).execute(f"EXPLAIN QUERY PLAN {statement}").fetchall()
    assert [row[3] for row in plan] == [
        "SEARCH segment_record USING INDEX sqlite_autoindex_segment_record_1 (code>? AND code<?)"
    ]


def test_a_store_needs_nothing_heavy(shop: Segments) -> None:
    modules = loaded(shop, "completion", "values", "segments", "--", "V")
    assert packages(modules) & (HEAVY | {"typer"}) == set()
    assert "segcli.completion.scripts" not in modules


def test_the_backend_is_the_one_that_the_line_names(shop: Segments, tmp_path: Path) -> None:
    other = f"sqlite:{tmp_path}/other.db"
    shop.ok("--backend", other, "add", "OTHER")
    shop.ok("profile", "add", "elsewhere", "--backend", other)
    assert values(shop, "O", "--backend", other) == ["OTHER"]
    assert values(shop, "O", "--profile", "elsewhere") == ["OTHER"]
    assert values(shop, "O", SEGMENTS_BACKEND=other) == ["OTHER"]
    assert values(shop, "O", "--backend", f"sqlite:{shop.store}") == []


def test_profiles(segments: Segments) -> None:
    for name in ("sandbox", "shop", "there"):
        segments.ok("profile", "add", name, "--backend", "sqlite:x.db")
    assert values(segments, "s", kind="profiles") == ["sandbox", "shop"]
    assert values(segments, "", kind="profiles") == ["sandbox", "shop", "there"]


@pytest.mark.parametrize(
    "before",
    [
        ["--profile", "nobody"],
        ["--backend", "ftp://example.com"],
        ["--backend", "sqlite:/proc/version"],
        ["--backend", "sqlite:/nonexistent/x.db"],
        ["--backend", "http://127.0.0.1:1"],
        ["--backend", "https://t1-s1.sandbox.mozu.com"],
    ],
    ids=lambda before: before[-1],
)
@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
def test_an_error_completes_to_nothing(shop: Segments, before: list[str], terminal: bool) -> None:
    if terminal:
        done = shop.shown(*before, "completion", "values", "segments", "--", "V")
        assert (done.code, done.stdout) == (0, "")
    else:
        assert values(shop, "V", *before) == []


def test_a_broken_configuration_completes_to_nothing(shop: Segments) -> None:
    config = shop.home / "config" / "segments" / "config.yaml"
    config.parent.mkdir(parents=True)
    config.write_text("profiles: [")
    assert values(shop, "V") == []
    assert values(shop, "V", kind="profiles") == []


def test_completion_creates_no_store(segments: Segments) -> None:
    assert values(segments, "V") == []
    assert not segments.store.exists()


def test_a_tenant_is_asked_once_per_minute(segments: Segments, tenant: TenantServer) -> None:
    stock(tenant, "VIP", "VIP club", "vip", "STAFF")
    tenant_profile(segments, tenant)
    assert values(segments, "VI") == ["VIP", "VIP club"]
    requests = len(tenant.requests)
    assert values(segments, "VIP ") == ["VIP club"]
    assert values(segments, "VI") == ["VIP", "VIP club"]
    assert len(tenant.requests) == requests
    assert values(segments, "S") == ["STAFF"]
    assert len(tenant.requests) == requests + 1


def test_the_cache_expires(segments: Segments, tenant: TenantServer) -> None:
    stock(tenant, "VIP")
    tenant_profile(segments, tenant)
    assert values(segments, "V") == ["VIP"]
    stock(tenant, "VIEWER")
    assert values(segments, "V") == ["VIP"]
    (cached,) = cache_of(segments)
    os.utime(cached, (cached.stat().st_atime, cached.stat().st_mtime - 61))
    assert values(segments, "V") == ["VIEWER", "VIP"]


def test_the_cache_is_private_and_belongs_to_one_client(segments: Segments, tenant: TenantServer) -> None:
    stock(tenant, "VIP")
    tenant_profile(segments, tenant)
    assert values(segments, "V") == ["VIP"]
    (cached,) = cache_of(segments)
    assert stat.S_IMODE(cached.stat().st_mode) == 0o600
    assert stat.S_IMODE(cached.parent.stat().st_mode) == 0o700
    other = {"KIBO_API_HOST": tenant.url, "KIBO_CLIENT_ID": "somebody.else", "KIBO_SHARED_SECRET": "wrong"}
    (segments.home / "config" / "segments" / "config.yaml").unlink()
    assert values(segments, "V", KIBO_AUTH_HOST=tenant.url, **other) == []


def test_a_damaged_cache_is_ignored(segments: Segments, tenant: TenantServer) -> None:
    stock(tenant, "VIP")
    tenant_profile(segments, tenant)
    assert values(segments, "V") == ["VIP"]
    (cached,) = cache_of(segments)
    for text in ("", "{", "[]", '{"prefix": "V", "complete": true, "codes": 3}'):
        cached.write_text(text)
        assert values(segments, "V") == ["VIP"]


def test_an_incomplete_page_is_not_used_for_a_longer_prefix(segments: Segments, tenant: TenantServer) -> None:
    stock(tenant, *(draft.code or "" for draft in numbered(210)))
    tenant_profile(segments, tenant)
    assert len(values(segments, "S")) == 200
    assert values(segments, "S021") == ["S0210"]


def test_no_secret_command_is_run(segments: Segments, tenant: TenantServer) -> None:
    stock(tenant, "VIP")
    touched = segments.home / "touched"
    script = segments.home / "secret"
    script.write_text(f"#!/bin/sh\ntouch {touched}\necho {SECRET}\n")
    script.chmod(0o700)
    tenant_profile(segments, tenant, secret_command=str(script))
    assert values(segments, "V") == []
    assert not touched.exists()
    segments.ok("list")
    assert touched.exists()
    assert values(segments, "V") == ["VIP"], "with the ticket that the list has cached"


def test_a_server_that_never_responds_is_not_waited_for(segments: Segments) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert _ends(segments, "--backend", url, "--timeout", "300") == ""


def test_a_file_that_blocks_is_not_waited_for(segments: Segments) -> None:
    config = segments.home / "config" / "segments" / "config.yaml"
    config.parent.mkdir(parents=True)
    os.mkfifo(config)  # opening it waits for a writer
    assert _ends(segments) == ""


def _ends(segments: Segments, *before: str) -> str:
    """What is printed, if the command ends long before any other limit would end it."""
    done = subprocess.run(
        [COMMAND, *before, "completion", "values", "segments", "--", "V"],
        env=segments.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=15,
        check=True,
    )
    return done.stdout + done.stderr


def test_codes_with_names(segments: Segments) -> None:
    drafts = [
        SegmentDraft("VIP", "Very important"),
        SegmentDraft("VIA"),
        SegmentDraft("V 2", "a\tb\n\x1b[31m"),
    ]
    fill(segments, [*drafts, SegmentDraft("VLONG", "x" * 100)])
    assert values(segments, "V", kind="named-segments") == [
        "V 2\ta\\tb\\n\\x1b[31m",
        "VIA\t",
        "VIP\tVery important",
        f"VLONG\t{'x' * 59}…",
    ]
    assert values(segments, "code:VI", kind="named-segments") == ["code:VIA\t", "code:VIP\tVery important"]


def test_names_of_a_tenant_are_cached_with_the_codes(segments: Segments, tenant: TenantServer) -> None:
    backend = open_store(str(tenant.store), timeout=30.0)
    backend.add_segment(SegmentDraft("VIP", "Very important"))
    backend.close()
    tenant_profile(segments, tenant)
    for _ in range(2):
        assert values(segments, "V", kind="named-segments") == ["VIP\tVery important"]
    assert len(tenant.requests) == 1
