"""The committed manual pages, and the example commands in them."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
MAN = ROOT / "man"
PAGES = sorted(MAN.glob("man?/*"))

_UNESCAPED = {r"\-": "-", r"\(aq": "'", r"\(ga": "`", r"\(ti": "~", r"\(ha": "^", r"\e": "\\", r"\&": ""}


def section(page: Path, name: str) -> str:
    """The source of a page's section."""
    found = re.search(rf"^\.Sh {name}\n(.*?)(?=^\.Sh |\Z)", page.read_text(), re.MULTILINE | re.DOTALL)
    assert found, f"{page.name} has no section {name}"
    return found.group(1)


def examples(page: Path) -> list[str]:
    """The command lines of a page's examples, as a reader sees them."""
    blocks = re.findall(r"^\.Bd -literal\n(.*?)^\.Ed$", section(page, "EXAMPLES"), re.MULTILINE | re.DOTALL)
    lines = [line for block in blocks for line in block.splitlines()]
    return [re.sub(r"\\(?:\(..|.)", lambda m: _UNESCAPED[m.group()], line) for line in lines]
