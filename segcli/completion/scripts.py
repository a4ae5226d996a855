"""The completion scripts: a template for each shell, whose marks (`@commands@`) are filled in."""

from importlib import import_module
from pathlib import Path

from segcli.backends import SCHEMES
from segcli.customer import MEMBERS
from segcli.query.tree import ACCOUNT_FIELDS, FIELDS, NULLABLE, OPERATORS, TEXT_ONLY
from segcli.spec import Group

# The file of each shell's script, as packages name it.
FILES = {"bash": "segments.bash", "zsh": "_segments", "fish": "segments.fish"}


def script(shell: str, root: Group) -> str:
    """The script that completes `root` in that shell."""
    template = Path(__file__).with_name("templates").joinpath(FILES[shell]).read_text(encoding="utf-8")
    marks = {**_QUERY, **_BACKENDS, **import_module(f"segcli.completion.{shell}").marks(root)}
    for mark, text in marks.items():
        template = template.replace(f"@{mark}@", text)
    return template


_QUERY = {
    "fields": " ".join(FIELDS),
    "text_fields": " ".join(name for name, field in FIELDS.items() if field.kind == "text"),
    "customer_fields": " ".join(MEMBERS),
    "account_fields": " ".join(ACCOUNT_FIELDS),
    "account_text_fields": " ".join(
        name for name, field in ACCOUNT_FIELDS.items() if field.kind == "text" and not field.many
    ),
    "account_integer_fields": " ".join(
        name for name, field in ACCOUNT_FIELDS.items() if field.kind == "integer" and not field.many
    ),
    "operators": " ".join(OPERATORS),
    "other_operators": " ".join(operator for operator in OPERATORS if operator not in TEXT_ONLY),
    "equal_operators": " ".join(NULLABLE),
}
_BACKENDS = {
    "backend_prefixes": " ".join(scheme.prefix for scheme in SCHEMES.values() if scheme.listed),
    "path_prefixes": " ".join(scheme.prefix for scheme in SCHEMES.values() if scheme.is_file),
}
