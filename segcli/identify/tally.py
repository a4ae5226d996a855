"""Counts what became of rows, and collects their accounts."""

from collections.abc import Iterator, Sequence

from segcli.account_set import AccountSet, Seen
from segcli.customer import MATCHED, OUTCOMES, Outcome
from segcli.identify.decide import Decision
from segcli.identify.resolver import Answer

_WORDS: dict[Outcome, str] = {"not_found": "not found"}


class Tally:
    """The outcomes of all rows so far; a row is a duplicate if another one had its account."""

    def __init__(self) -> None:
        self.counts: dict[Outcome, int] = dict.fromkeys(OUTCOMES, 0)
        self.guests = 0  # rows in which guests with the same e-mail address were passed over
        self._seen = Seen()

    def add(self, answers: Sequence[Answer]) -> Iterator[tuple[int, Decision]]:
        """Counts answers; returns the place of each that is not matched, and the decision about it."""
        counts = self.counts
        plain = [answer for answer in answers if type(answer) is int]
        accounts = AccountSet(plain)
        new = len(accounts) - len(self._seen.add(accounts))
        counts["resolved"] += new
        counts["duplicate"] += len(plain) - new
        if len(plain) == len(answers):
            return
        for place, answer in enumerate(answers):
            if isinstance(answer, int):
                continue
            self.guests += answer.guests
            if answer.account_id is None:
                counts[answer.outcome] += 1
                yield place, answer
            else:
                seen = self._seen.add(AccountSet([answer.account_id]))
                counts["duplicate" if seen else answer.outcome] += 1

    def accounts(self) -> AccountSet:
        """The accounts of all rows; nothing may be added any more."""
        return self._seen.accounts()

    @property
    def rows(self) -> int:
        return sum(self.counts.values())

    @property
    def matched(self) -> int:
        return sum(self.counts[outcome] for outcome in MATCHED)


def counted(counts: "dict[Outcome, int]") -> str:
    """The counts that are not 0, as a part of a sentence."""
    return ", ".join(f"{count:,} {_WORDS.get(name, name)}" for name, count in counts.items() if count)
