"""segments accounts: the group, and one module for commands that share operations."""

from segcli.commands.accounts.change import add, remove, set_accounts
from segcli.commands.accounts.read import count, has, list_accounts, of
from segcli.commands.accounts.resolve import resolve
from segcli.commands.accounts.split import split
from segcli.spec import Group

entry = Group(
    ("accounts",),
    "Add, remove, set, list and count the accounts of segments.",
    ("segments accounts add VIP 1001 1002", "segments accounts list 'VIP minus STAFF'"),
    (add, remove, set_accounts, list_accounts, count, has, split, of, resolve),
)
