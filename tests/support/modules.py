"""The modules that running the command loads."""

import subprocess
import sys

from tests.support.command import COMMAND, Segments

# Runs the console entry itself, then prints every module that the process has loaded.
_RUN = """
import os, sys
sys.argv = sys.argv[1:]
leave = os._exit
def print_and_leave(code):
    sys.stderr.write("\\n".join(sys.modules))
    sys.stderr.flush()
    leave(code)
os._exit = print_and_leave
entry = compile(open(sys.argv[0]).read(), sys.argv[0], "exec")
def print_compiled(event, arguments):
    # Every named tuple compiles its own; a module's source has a file's name.
    if event == "compile" and arguments[1] == "<string>" and not arguments[0].startswith(b"lambda _cls,"):
        sys.stderr.write(f"compiled {arguments[0]}\\n")
sys.addaudithook(print_compiled)
exec(entry)
"""
HEAVY = {"rich", "requests", "urllib3", "yaml", "jmespath", "pydantic"}


def loaded(segments: Segments, *arguments: str) -> set[str]:
    """The modules that running the command has loaded."""
    done = subprocess.run(
        [sys.executable, "-c", _RUN, COMMAND, *arguments],
        env=segments.env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=True,
    )
    assert done.stdout
    return set(done.stderr.decode().splitlines())


def packages(modules: set[str]) -> set[str]:
    return {module.partition(".")[0] for module in modules}
