"""Looks up the identifiers of many rows at once, and decides which account each of them means."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeAlias, cast

from segcli.backends.customers import Found, Wanted
from segcli.customer import MATCHED, MAX_IDENTIFIER, Customer, Kind, Outcome, folded_identifier, id_key
from segcli.identify.decide import Decision, Identifiers, Places, decide, problem_of
from segcli.identify.words import PLACES, has_prefix, row_of_line

# What became of a row; a number is the account of one that is resolved, and nothing else is to be said.
Answer: TypeAlias = int | Decision
Find: TypeAlias = Callable[[Wanted], Found]
Unique: TypeAlias = Callable[[Kind, Collection[str]], Mapping[str, int]]
_NO_CUSTOMERS: Sequence[Customer] = ()
_EMPTY = Decision("invalid", reason="no identifier")


class Resolver:
    """Decides about rows of one layout: `places` has the columns of their identifiers.

    `unique` is a faster `find` for many identifiers that are clear.
    `are_lines` says that the only column has lines, which may be ACCOUNTs with a prefix.
    `outcome` is the column of what an earlier look-up found: with it, an account id needs no other one.
    """

    def __init__(
        self,
        places: Places,
        find: Find,
        customer_set: str | None,
        outcome: int | None = None,
        *,
        are_lines: bool = False,
        unique: Unique = lambda kind, texts: {},
    ) -> None:
        self._places = places
        self._find = find
        self._unique = unique
        self._are_lines = are_lines
        self._customer_set = None if customer_set is None else folded_identifier(customer_set)
        self._outcome = outcome

    def answers(self, rows: Sequence[Sequence[str]]) -> list[Answer]:
        """What became of each row; everything is looked up in one call."""
        if self._are_lines and any(has_prefix(row[0]) for row in rows):
            return self._by_many([row_of_line(row[0]) for row in rows], PLACES)
        if len(self._places) == 1:
            ((kind, place),) = self._places
            texts = [row[place].strip() for row in rows]
            if kind == "id":
                return [_by_id(text) for text in texts]
            if _all_valid(kind, texts):
                return self._by_one(kind, texts)
        return self._by_many(rows, self._places)

    def _by_one(self, kind: Kind, texts: Sequence[str]) -> list[Answer]:
        """The answers to valid identifiers of one kind: most have one customer, and need no more."""
        if self._customer_set is not None:
            return self._by_many([(text,) for text in texts], [(kind, 0)])
        keys = map(str.lower, texts) if "".join(texts).isascii() else map(folded_identifier, texts)
        answers: list[Answer | None] = list(map(self._unique(kind, texts).get, keys))
        if None not in answers:
            return cast(list[Answer], answers)
        rest = [(text,) for text, answer in zip(texts, answers, strict=True) if answer is None]
        others = iter(self._by_many(rest, [(kind, 0)]))
        return [next(others) if answer is None else answer for answer in answers]

    def _by_many(self, rows: Sequence[Sequence[str]], places: Places) -> list[Answer]:
        answers: list[Answer | None] = []
        pending: list[Identifiers] = []
        wanted: dict[Kind, set[str]] = {}
        for row in rows:
            identifiers = [(kind, text) for kind, place in places if (text := row[place].strip())]
            answer = self._known(row, identifiers)
            answers.append(answer)
            if answer is None:
                kind, text = identifiers[0]
                wanted.setdefault(kind, set()).add(text)
                pending.append(identifiers)
        found = self._find(wanted) if wanted else {}
        decided = (self._decide(identifiers, found) for identifiers in pending)
        return [next(decided) if answer is None else answer for answer in answers]

    def _known(self, row: Sequence[str], identifiers: Identifiers) -> Answer | None:
        """The answer if nothing needs to be looked up."""
        if not identifiers:
            return _EMPTY
        if self._outcome is not None and identifiers[0][0] == "id":
            outcome = row[self._outcome].strip()
            account = id_key(identifiers[0][1])
            if outcome in MATCHED and account is not None:
                return Decision("inactive", int(account)) if outcome == "inactive" else int(account)
        problem = problem_of(identifiers)
        if problem is not None:
            return Decision("invalid", reason=problem)
        if len(identifiers) == 1 and identifiers[0][0] == "id":
            return int(identifiers[0][1])
        return None

    def _decide(self, identifiers: Identifiers, found: Found) -> Answer:
        kind, text = identifiers[0]
        key = id_key(text) if kind == "id" else folded_identifier(text)
        candidates = found.get(kind, {}).get(key or "", _NO_CUSTOMERS)
        return _short(decide(identifiers, candidates, self._customer_set))


def outcome_of(answer: Answer) -> Outcome:
    """The outcome, without regard to the rows before."""
    return "resolved" if isinstance(answer, int) else answer.outcome


def account_of(answer: Answer) -> int | None:
    """The account, if the row is matched."""
    return answer if isinstance(answer, int) else answer.account_id


def _short(decision: Decision) -> Answer:
    if decision.outcome == "resolved" and not decision.guests:
        return cast(int, decision.account_id)  # one that is resolved has an account
    return decision


def _by_id(text: str) -> Answer:
    account = id_key(text)
    if account is not None:
        return int(account)
    return Decision("invalid", reason=problem_of([("id", text)] if text else []) or "")


def _all_valid(kind: Kind, texts: Sequence[str]) -> bool:
    """Whether all are certainly valid; without a call for each of them."""
    return (
        "".join(texts).isprintable()
        and len(max(texts, key=len, default="")) <= MAX_IDENTIFIER
        and all(["@" in text for text in texts] if kind == "email" else texts)
    )
