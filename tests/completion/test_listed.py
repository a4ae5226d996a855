"""What a shell lists beside a value, and that words already on the line are not offered again."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from segcli.completion.scripts import FILES
from segcli.model import SegmentDraft
from tests.support.command import COMMAND, Segments
from tests.support.programs import program
from tests.support.shells import SHELLS, Shell
from tests.support.stores import fill

ROOT = Path(__file__).parents[2]


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, segments: Segments) -> Iterator[Shell]:
    fill(
        segments,
        [SegmentDraft("VIP", "Very: 'important' $x"), SegmentDraft("VIA"), SegmentDraft("a b", "Two")],
    )
    shell = Shell(request.param, segments)
    yield shell
    shell.close()


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("segments get VIP V", "segments get VIP VIA"),
        ("segments delete VIA V", "segments delete VIA VIP"),
        ("segments get VIP VIA V", "segments get VIP VIA V"),
        ("segments get a\\ b code:VIP a", "segments get a\\ b code:VIP a"),
        ("segments list --fields id,i", "segments list --fields id,i"),
        ("segments list --fields=name,n", "segments list --fields=name,n"),
        ("segments list --fields code,id,de", "segments list --fields code,id,description"),
    ],
)
def test_a_word_is_not_offered_again(shell: Shell, typed: str, completed: str) -> None:
    assert shell.complete(typed).rstrip() == completed


def test_names_are_listed_beside_codes(shell: Shell) -> None:
    if shell.name == "bash":
        pytest.skip("bash lists no descriptions")
    shell.child.send("\x05\x15segments get V\t\t")
    shell.child.expect(r"Very: 'important' \$x")


def test_fish_repeats_no_help_behind_values(segments: Segments) -> None:
    fill(segments, [SegmentDraft("VIP", "Very important")])
    script = ROOT / "completions" / FILES["fish"]

    def listed(line: str) -> list[str]:
        done = subprocess.run(
            [program("fish"), "-c", f"source {script}; complete -C '{line}'"],
            env={**segments.env, "PATH": f"{Path(COMMAND).parent}:{segments.env['PATH']}"},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return [line.rstrip("\t") for line in done.stdout.splitlines()]

    assert listed("segments get V") == ["VIP\tVery important"]
    assert "json" in listed("segments list -o ")
    assert "id" in listed("segments list --sort ")
    assert "https://" in listed("segments --backend ")
    assert listed("segments completion show f") == ["fish"]
