"""Fails where the wheel or the sdist holds what it should not, or lacks what it should hold."""

import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

TOPS = {"README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml", "PKG-INFO", ".gitignore"}


def main() -> None:
    for archive in map(Path, sys.argv[1:]):
        held = held_by(archive)
        wanted = wanted_of_wheel(archive, held) if archive.suffix == ".whl" else wanted_of_sdist()
        if held != wanted:
            sys.exit(
                f"{archive.name} lacks {sorted(wanted - held)}"
                f" and holds what does not belong there: {sorted(held - wanted)}"
            )
        sys.stdout.write(f"{archive.name}: {len(held)} files, as they should be\n")


def held_by(archive: Path) -> set[str]:
    """The files in an archive, below its top folder for an sdist."""
    if archive.suffix == ".whl":
        return set(zipfile.ZipFile(archive).namelist())
    with tarfile.open(archive) as tar:
        return {member.name.split("/", 1)[1] for member in tar.getmembers() if member.isfile()}


def wanted_of_sdist() -> set[str]:
    return TOPS.union(*map(tree, ("segcli", "tests", "man", "completions")))


def wanted_of_wheel(archive: Path, held: set[str]) -> set[str]:
    """The code, what goes below share/, and the `.dist-info` as it is."""
    build = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["hatch"]["build"]
    name, version, *_ = archive.name.split("-")
    shared = {
        f"{name}-{version}.data/data/{target}{file.removeprefix(source)}"
        for source, target in build["targets"]["wheel"]["shared-data"].items()
        for file in tree(source)
    }
    return tree("segcli") | shared | {name for name in held if ".dist-info/" in name}


def tree(name: str) -> set[str]:
    """The file of that name, or the files below the folder."""
    path = Path(name)
    files = [path] if path.is_file() else path.rglob("*")
    return {str(file) for file in files if file.is_file() and file.suffix != ".pyc"}


main()
