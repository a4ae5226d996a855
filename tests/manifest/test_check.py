"""`segments check --manifest`, and the JSON Schema."""

import pytest
import yaml
from jsonschema_rs import validator_for

from segcli.manifest.schema import manifest_schema
from tests.manifest.test_read import FULL, WRONG
from tests.support.command import Segments
from tests.support.manifests import written

CHECKS = """\
version: 1
segments: [{code: VIP, accounts: {file: none.txt}}]
checks:
- VIP == 2
- VIP <= 50% of STAFF
"""


def test_the_checks_of_a_manifest(vip: Segments) -> None:
    path = written(vip.home, CHECKS)
    done = vip("check", "STAFF >= 1", "--manifest", str(path), "-o", "json")
    assert done.code == 10
    assert [(each["assertion"], each["holds"]) for each in done.json["items"]] == [
        ("STAFF >= 1", True),
        ("VIP == 2", True),
        ("VIP <= 50% of STAFF", False),
    ]


def test_nothing_to_check(vip: Segments) -> None:
    path = written(vip.home, "version: 1\nsegments: []\n")
    done = vip.ok("check", "--manifest", str(path))
    assert (done.stdout, done.stderr) == ("", f"nothing to check: {path} contains no checks\n")
    assert vip("check").code == 2
    assert vip("check", "--manifest", str(vip.home / "none.yaml")).code == 2


def test_the_schema_is_printed(segments: Segments) -> None:
    for name in ("manifest", "export"):
        assert segments.ok("help", "--schema", name).json == manifest_schema()


def test_the_schema_accepts_a_manifest() -> None:
    valid = validator_for(manifest_schema()).is_valid
    assert valid(yaml.safe_load(FULL))
    assert not valid({"version": 1, "segments": [{"code": "A", "accounts": {"file": "a", "ids": []}}]})
    assert not valid({"version": 1, "segments": [{"code": "A", "accounts": {"ids": [], "seed": "a"}}]})


# What a schema cannot express.
MEANINGS = (
    "twice",
    "blank",
    "is a segment id",
    "character",
    "a check cannot name",
    "is not",
    "surrogate",
    "expected true or false",  # as YAML 1.1 reads it, it is
)


@pytest.mark.parametrize(
    "text", [text for text, message in WRONG if not any(each in message for each in MEANINGS)]
)
def test_the_schema_rejects_what_is_rejected(text: str) -> None:
    try:
        document = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError):
        return
    assert not validator_for(manifest_schema()).is_valid(document)
