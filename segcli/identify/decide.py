"""Which account a row means, from its identifiers and the customers that have the first of them."""

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from segcli.customer import MAX_IDENTIFIER, NAMES, Customer, Kind, Outcome, folded_identifier, id_key
from segcli.text import visible

# The identifiers of one row that are not blank, in the order of `customer.KINDS`.
Identifiers: TypeAlias = Sequence[tuple[Kind, str]]
Places: TypeAlias = Sequence[tuple[Kind, int]]  # the columns with identifiers, in the same order
_SHOWN = 100  # characters of an identifier that a reason quotes


class Decision(NamedTuple):
    """What became of a row: its account if it is matched, otherwise the reason.

    `candidates` are the accounts that it may mean. `guests` says that guests with the same e-mail address
    were passed over.
    """

    outcome: Outcome
    account_id: int | None = None
    reason: str = ""
    candidates: tuple[int, ...] = ()
    guests: bool = False


def problem_of(identifiers: Identifiers) -> str | None:
    """Why a row is invalid before anything is looked up; None if it is not."""
    if not identifiers:
        return "no identifier"
    for kind, text in identifiers:
        problem = _problem(kind, text)
        if problem is not None:
            return f"'{_shown(text)}' is not a valid {NAMES[kind]}{problem}"
    return None


def _problem(kind: Kind, text: str) -> str | None:
    if kind == "id":
        return None if id_key(text) is not None else ""
    if len(text) > MAX_IDENTIFIER:
        return f": it has {len(text):,} characters, expected at most {MAX_IDENTIFIER}"
    if visible(text) != text:
        return ": it has control characters, or is not UTF-8"
    return ": it has no @" if kind == "email" and "@" not in text else None


def decide(identifiers: Identifiers, candidates: Sequence[Customer], customer_set: str | None) -> Decision:
    """The account of a row without a problem.

    `candidates` are all customers that have its first identifier, in any customer set; `customer_set` is
    the folded code of the one to which they are narrowed, but not by account id. An account id that no
    customer has is accepted.
    """
    kind, text = identifiers[0]
    if kind == "id" and not candidates:
        return Decision("resolved", int(text))
    found = candidates if kind == "id" else _narrowed(kind, text, candidates, customer_set)
    guests = False
    if kind == "email":
        registered = [each for each in found if not each.is_anonymous]
        guests = 0 < len(registered) < len(found)
        found = registered or found
    ids = tuple(sorted(each.id for each in found))
    if not found:
        where = "" if customer_set is None else f" in the customer set '{_shown(customer_set)}'"
        return Decision("not_found", reason=f"no account has the {NAMES[kind]} '{_shown(text)}'{where}")
    if len(found) > 1:
        of = "guests" if all(each.is_anonymous for each in found) else "accounts"
        reason = f"{len(found):,} {of} have the {NAMES[kind]} '{_shown(text)}'"
        return Decision("ambiguous", reason=reason, candidates=ids)
    (customer,) = found
    for other, value in identifiers[1:]:
        if folded_identifier(customer.identifier(other) or "") != folded_identifier(value):
            reason = f"the {NAMES[other]} '{_shown(value)}' is not that of account {customer.id}"
            return Decision("conflict", reason=reason, candidates=ids)
    return Decision("resolved" if customer.is_active else "inactive", customer.id, guests=guests)


def _narrowed(
    kind: Kind, text: str, candidates: Sequence[Customer], customer_set: str | None
) -> Sequence[Customer]:
    """The candidates of the customer set; an external id that is exactly the same takes precedence."""
    if customer_set is not None:
        candidates = [
            each for each in candidates if folded_identifier(each.customer_set or "") == customer_set
        ]
    if kind == "external-id":
        exact = [each for each in candidates if (each.external_id or "").strip() == text]
        return exact or candidates
    return candidates


def _shown(text: str) -> str:
    return visible(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
