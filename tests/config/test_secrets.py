"""The shared secret and tokens never appear in output, logs, arguments or other files."""

import threading
import time
from pathlib import Path

from tests.support.command import Segments
from tests.support.tenant_server import CLIENT_ID, SECRET, Fault, Reply, Request, TenantServer

TOKEN = "token-"


class Watch(threading.Thread):
    """Reads every process's arguments for as long as it runs."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seen: set[bytes] = set()
        self.done = False

    def run(self) -> None:
        while not self.done:
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.seen.add(path.read_bytes())
                except OSError:
                    continue
            time.sleep(0.005)


def test_verbose_output_and_errors_show_no_secret(segments: Segments, tenant: TenantServer) -> None:
    watch = Watch()
    watch.start()
    kept = segments(
        "profile", "add", "one", "--backend", tenant.url, "--client-id", CLIENT_ID, "--secret-stdin", "-v",
        "--use", "--check", stdin=SECRET,
    )  # fmt: skip
    assert kept.code == 0

    def echo(request: Request) -> Fault | None:
        """Fails every request but GET segments."""
        if request.method == "GET" and request.path.endswith("segments"):
            return None
        return Fault(Reply(500, b'{"message": "failed"}'))

    tenant.script = echo
    written = kept.stdout + kept.stderr
    for arguments in (
        ("list", "-v"),
        ("add", "VIP", "-v", "-o", "json"),
        ("get", "7", "-v"),
        ("doctor", "-v"),
        ("profile", "show", "-v", "-o", "yaml"),
        ("profile", "list", "-v"),
    ):
        done = segments(*arguments)
        written += done.stdout + done.stderr
    watch.done = True
    watch.join()
    assert "POST" in written
    for secret in (SECRET, TOKEN, "refresh-"):
        assert secret not in written
        assert not any(secret.encode() in arguments for arguments in watch.seen)
    assert any(b"segments" in arguments for arguments in watch.seen)
    holding = {
        path.parent.name
        for path in segments.home.rglob("*")
        if path.is_file() and SECRET.encode() in path.read_bytes() and path.name != "tenant.db"
    }
    assert holding == {"segments"}  # config.yaml
