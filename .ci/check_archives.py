"""Fails if the wheel or the sdist contains a file that it should not, or lacks one that it should."""

import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

TOPS = {
    "README.md",
    "LICENSE",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "pyproject.toml",
    "PKG-INFO",
    ".gitignore",
}


def main() -> None:
    for archive in map(Path, sys.argv[1:]):
        actual = files_in(archive)
        expected = expected_in_wheel(archive, actual) if archive.suffix == ".whl" else expected_in_sdist()
        if actual != expected:
            sys.exit(
                f"{archive.name}: missing {sorted(expected - actual)}, unexpected {sorted(actual - expected)}"
            )
        sys.stdout.write(f"{archive.name}: {len(actual)} files, as expected\n")


def files_in(archive: Path) -> set[str]:
    """The files in an archive, below its top folder for an sdist."""
    if archive.suffix == ".whl":
        return set(zipfile.ZipFile(archive).namelist())
    with tarfile.open(archive) as tar:
        return {member.name.split("/", 1)[1] for member in tar.getmembers() if member.isfile()}


def expected_in_sdist() -> set[str]:
    return TOPS.union(*map(tree, ("segcli", "tests", "man", "completions")))


def expected_in_wheel(archive: Path, actual: set[str]) -> set[str]:
    """The code, the files below share/, and whatever is in `.dist-info`."""
    build = tomllib.loads(Path("pyproject.toml").read_text())["tool"]["hatch"]["build"]
    name, version, *_ = archive.name.split("-")
    shared = {
        f"{name}-{version}.data/data/{target}{file.removeprefix(source)}"
        for source, target in build["targets"]["wheel"]["shared-data"].items()
        for file in tree(source)
    }
    return tree("segcli") | shared | {name for name in actual if ".dist-info/" in name}


def tree(name: str) -> set[str]:
    """A file, or the files below a folder."""
    path = Path(name)
    files = [path] if path.is_file() else path.rglob("*")
    return {str(file) for file in files if file.is_file() and file.suffix != ".pyc"}


main()
