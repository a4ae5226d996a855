"""Random customers and rows: the same outcomes as a plain model, however the rows are divided."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from segcli.customer import OUTCOMES, Customer, Outcome, folded_identifier
from segcli.identify.resolver import Answer, Resolver, account_of, outcome_of
from segcli.identify.tally import Tally
from segcli.identify.words import PLACES
from tests.support.customers import CustomersInMemory

texts = st.sampled_from(
    ["", "a@b", "A@B", "ß@x", "SS@X", "é@x", "e\u0301@x", "a", "C-1", "c-1", " C-1 ", "\x1b"]
)
ids = st.integers(1, 6)
customers = st.lists(
    st.builds(
        Customer,
        ids,
        *([st.none() | texts.filter(bool)] * 3),
        st.sampled_from([None, "web", "b2b"]),
        st.booleans(),
        st.booleans(),
    ),
    unique_by=lambda customer: customer.id,
    max_size=6,
)
rows = st.lists(st.tuples(st.just("") | ids.map(str) | st.just("0"), texts, texts, texts), max_size=12)


def same(one: str | None, other: str | None) -> bool:
    return folded_identifier(one or "") == folded_identifier(other or "")


def model(row: Sequence[str], known: list[Customer], customer_set: str | None) -> tuple[Outcome, int | None]:
    """What the rules say about a row, one after the other."""
    account, external, user, email = (each.strip() for each in row)
    if not any((account, external, user, email)) or account == "0" or "\x1b" in "".join(row):
        return "invalid", None
    if email and "@" not in email:
        return "invalid", None
    narrowed = [each for each in known if customer_set is None or same(each.customer_set, customer_set)]
    if account:
        found = [each for each in known if each.id == int(account)]
        if not found or not any((external, user, email)):  # an account id alone is accepted unseen
            return "resolved", int(account)
    elif external:
        found = [each for each in narrowed if each.external_id and same(each.external_id, external)]
        found = [each for each in found if (each.external_id or "").strip() == external] or found
    elif user:
        found = [each for each in narrowed if each.user_name and same(each.user_name, user)]
    else:
        found = [each for each in narrowed if each.email and same(each.email, email)]
        found = [each for each in found if not each.is_anonymous] or found
    if not found:
        return "not_found", None
    if len(found) > 1:
        return "ambiguous", None
    (one,) = found
    for given_text, text in ((external, one.external_id), (user, one.user_name), (email, one.email)):
        if given_text and not same(given_text, text):
            return "conflict", None
    return ("resolved" if one.is_active else "inactive"), one.id


@given(
    customers,
    rows,
    st.sampled_from([None, "WEB"]),
    st.sets(st.sampled_from(range(4)), min_size=1),
    st.booleans(),
)
def test_outcomes_are_those_of_the_model(
    known: list[Customer], table: list[tuple[str, ...]], customer_set: str | None, used: set[int], fast: bool
) -> None:
    places = [(kind, place) for kind, place in PLACES if place in used]
    table = [tuple(text if place in used else "" for place, text in enumerate(row)) for row in table]
    customers = CustomersInMemory(*known)
    unique = customers.unique if fast else lambda kind, texts: {}
    resolver = Resolver(places, customers.find, customer_set, unique=unique)
    answers: list[Answer] = resolver.answers(table)
    expected = [model(row, known, customer_set) for row in table]
    assert [(outcome_of(answer), account_of(answer)) for answer in answers] == expected

    counts: dict[Outcome, int] = dict.fromkeys(OUTCOMES, 0)
    seen: set[int] = set()
    for outcome, account in expected:
        counts["duplicate" if account in seen else outcome] += 1
        seen |= {account} if account else set()
    half, tally = len(table) // 2, Tally()
    for part in (answers[:half], answers[half:]):
        list(tally.add(part))
    assert tally.counts == counts
    assert (tally.rows, list(tally.accounts())) == (len(table), sorted(seen))
