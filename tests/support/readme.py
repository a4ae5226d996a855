"""README as a program: its blocks in reading order, and how they are run.

    python -m tests.support.readme

runs README from top to bottom in an empty home and rewrites the output under each command of its
`console` blocks. A line that differs only in a date or a duration stays as it is.
"""

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pexpect

from tests.support.command import COMMAND, Segments
from tests.support.postgresql import new_store
from tests.support.tenant_server import SECRET, TenantServer, serving

PATH = Path(__file__).parents[2] / "README.md"
TENANT = "https://t123-s456.sandbox.mozu.com"  # the tenant of the examples; a local server stands in for it
DATABASE = "postgresql://segments@db.example.com/shop"  # the shared store of the examples, likewise
_MARK = re.compile(r"<!-- ci: (\w+) -->\n```sh\n(.*)\n```")
_BLOCK = re.compile(r"(?<!-->\n)```(console|sh)\n(.*?)```", re.DOTALL)
# What differs from run to run: how long a change of accounts took, and the digits of dates.
_VARYING = re.compile(r"(?<=^seconds            )\S+|(?<=^accountsPerSecond  )\S+")
_DATE = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d\.\d{3}(Z|[+-]\d\d:\d\d))?")
# What a command that waits prints: a confirmation, a prompt for the secret, a server that is ready.
_CONFIRMATION = r"\[y/N\]"
_SECRET_PROMPT = r"(?i)shared secret[^\n]*: "
_SERVER = "KIBO_API_HOST=|--backend http://"


class Step(NamedTuple):
    """A `console` command with the lines under it, or a whole `sh` block, whose output README omits."""

    script: str
    output: list[str] | None


class Ran(NamedTuple):
    """The exit code of a script, and the lines it left on the terminal."""

    code: int
    output: list[str]


class Reader:
    """Someone who follows README on a terminal of 90 columns, with a tenant at hand."""

    def __init__(self, segments: Segments, tenant: TenantServer) -> None:
        self._tenant = tenant
        self._home = segments.home
        self._env = {
            **segments.env,
            "PATH": f"{Path(COMMAND).parent}:{segments.env['PATH']}",
            "SHELL": "/bin/bash",
            "NO_COLOR": "1",
            "USER": "mira",
            "LOGNAME": "mira",
        }

    def run(self, step: Step) -> Ran:
        """Runs a step in bash; confirms, types the secret, and stops a server when it is ready.

        A whole block stops at the first command that fails.
        """
        strict = ["-e", "-o", "pipefail"] if step.output is None else []
        child = pexpect.spawn(
            "bash",
            [*strict, "-c", step.script.replace(TENANT, self._tenant.url).replace(DATABASE, new_store())],
            env=self._env,
            cwd=str(self._home),
            dimensions=(24, 90),
            encoding="utf-8",
            timeout=60,
        )
        text = ""
        while (waiting := child.expect([_CONFIRMATION, _SECRET_PROMPT, _SERVER, pexpect.EOF])) < 3:
            text += f"{child.before}{child.after}"
            if waiting == 2:
                child.sendintr()
            else:
                child.sendline("y" if waiting == 0 else SECRET)
        text += child.before or ""
        child.wait()
        rows = [row.rstrip() for row in text.replace("\r\n", "\n").splitlines()]
        return Ran(-1 if child.exitstatus is None else child.exitstatus, rows)


@contextmanager
def reader(segments: Segments) -> Iterator[Reader]:
    """A reader who has run the install command of README, and nothing else."""
    with serving(segments.home / "tenant.db") as tenant:
        follower = Reader(segments, tenant)
        ran = follower.run(Step(installed_with(), None))
        assert ran.code == 0, ran.output
        yield follower


def installed_with() -> str:
    """What the install command runs once `segments` is installed."""
    line = dict(_MARK.findall(PATH.read_text()))["install"]
    return str(line).partition("pip install -q . && ")[2].replace(".venv/bin/", "")


def steps(readme: str) -> list[Step]:
    """What README says to run after the install command, in reading order."""
    found: list[Step] = []
    for language, text in _BLOCK.findall(readme):
        if language == "sh":
            found.append(Step(text, None))
            continue
        for line in text.splitlines():
            if line.startswith("$ "):
                found.append(Step(line[2:], []))
            else:
                shown = found[-1].output
                assert shown is not None, f"{line!r} is not under a command"
                shown.append(line)
    return found


def masked(rows: list[str]) -> list[str]:
    """The rows without what differs from run to run."""
    return [_VARYING.sub("...", _DATE.sub(lambda date: re.sub(r"[\d+-]", "0", date[0]), row)) for row in rows]


def regenerated(readme: str, follower: Reader) -> str:
    """README with what its console commands print now."""

    def rewrite(block: re.Match[str]) -> str:
        rows = []
        for step in steps(block[0]):
            ran = follower.run(step)
            if step.output is None:
                return block[0]
            rows += [f"$ {step.script}", *_settle(ran.output, step.output)]
        return "\n".join(["```console", *rows, "```"])

    return _BLOCK.sub(rewrite, readme)


def _settle(printed: list[str], old: list[str]) -> list[str]:
    """The new rows, in the old form where only a date or a duration differs."""
    known = dict(zip(masked(old), old, strict=True))
    return [known.get(mask, row) for mask, row in zip(masked(printed), printed, strict=True)]


def main() -> None:
    with tempfile.TemporaryDirectory() as home, reader(Segments(Path(home))) as follower:
        old = PATH.read_text()
        new = regenerated(old, follower)
    PATH.write_text(new)
    sys.stdout.write(f"{PATH.name}: {'unchanged' if new == old else 'rewritten'}\n")


if __name__ == "__main__":
    main()
