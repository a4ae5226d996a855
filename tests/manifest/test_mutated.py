"""Mutated manifests: each is read, or rejected with an error that names it; nothing else happens."""

import random
from pathlib import Path

import pytest

from segcli.errors import UsageError
from tests.manifest.test_read import FULL
from tests.support.manifests import read

JSON = (
    '{"version": 1, "segments": [{"code": "VIP", "name": null, "accounts": {"ids": [1, 2]}},\n'
    '{"code": "B", "accounts": {"where": "VIP", "sample": "10%"}}], "checks": ["VIP == 2"]}\n'
)
CSV = 'id,code,name,description\n1,VIP,"Very, important",\n2,STAFF,,"a\nb"\n'
PIECES = [*"\0\t[]{}:'\"#|\n\r\ufeff\ud83d\x85%~,", "9" * 400]
PIECES += ["- ", "&a ", "*a", "!!int ", "ids", "version", "---\n", "...", "? ", "<<: ", "\\u", "../"]


def rejection(path: Path) -> str | None:
    """The message of the error; None if the file is valid."""
    try:
        read(path)
    except UsageError as error:
        return error.message
    return None


@pytest.mark.parametrize("text", [FULL, JSON, CSV], ids=["yaml", "json", "csv"])
def test_mutated(tmp_path: Path, text: str) -> None:
    (tmp_path / "accounts").mkdir()
    (tmp_path / "accounts" / "VIP.txt").write_text("1\n")
    path = tmp_path / "segments"
    source = random.Random(text)
    for _ in range(500):
        mutated = text
        for _ in range(source.randint(1, 3)):
            start, end = sorted(source.randrange(len(mutated) + 1) for _ in range(2))
            middle = source.choice(["", source.choice(PIECES), mutated[start:end] * 2])
            mutated = mutated[:start] + middle + mutated[min(end, start + source.randint(0, 9)) :]
        path.write_bytes(mutated.encode(errors="surrogatepass"))
        message = rejection(path)
        assert message is None or str(tmp_path) in message, mutated
