"""Fails where the wheel or the sdist holds what it should not, or lacks what it should hold."""

import sys
import tarfile
import zipfile
from pathlib import Path


def names(archive: Path) -> set[str]:
    """The files in an archive, below its top folder for an sdist."""
    if archive.suffix == ".whl":
        return set(zipfile.ZipFile(archive).namelist())
    with tarfile.open(archive) as tar:
        return {member.name.split("/", 1)[1] for member in tar.getmembers() if member.isfile()}


def main() -> None:
    sources = {str(path) for path in Path("segcli").rglob("*.py")}
    for archive in map(Path, sys.argv[1:]):
        held = names(archive)
        code = {name for name in held if name.startswith("segcli/")}
        if code != sources:
            sys.exit(f"{archive.name}: its code differs from the tree: {sorted(code ^ sources)}")
        if archive.suffix == ".whl":
            strange = {name for name in held - code if ".dist-info/" not in name}
        else:
            tops = {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "PKG-INFO", ".gitignore"}
            strange = {name for name in held - code - tops if not name.startswith("tests/")}
        if strange:
            sys.exit(f"{archive.name} holds what does not belong there: {sorted(strange)}")
        sys.stdout.write(f"{archive.name}: {len(held)} files, as they should be\n")


main()
