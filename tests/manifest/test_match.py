"""`apply --match`: the accounts of one backend are found on another by an identifier."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from segcli.backends import open_backend
from segcli.backends.base import Backend
from segcli.backends.target import BackendTarget
from segcli.customer import Customer
from tests.support.command import Done, Segments
from tests.support.serving import served
from tests.support.states import Held, State, put, state_of, store_at

B2C, B2B = "B2C", "B2B"
HERE = (
    Customer(1, "jane@example.com", "jane", "C-1", B2C),
    Customer(2, "JOSÉ@example.com", "jose", "C-2", B2C),
    Customer(3, "o'hara@example.com", "ohara", "C-3", B2C),
    Customer(4, "jane@example.com", "jane", "C-1", B2B),
    Customer(5, "guest@example.com", None, None, B2C, is_anonymous=True),
    Customer(6, "gone@example.com", "gone", "C-6", B2C),
)
THERE = (
    Customer(101, "Jane@Example.com", "JANE", "c-1", B2C),
    Customer(102, "jose\u0301@example.com", "José", "C-2", B2C),
    Customer(103, "O'Hara@example.com", "ohara", "C-3", B2C),
    Customer(104, "jane@example.com", "jane", "C-1", B2B),
    Customer(105, "guest@example.com", None, None, B2C, is_anonymous=True),
    Customer(199, "other@example.com", "other", "C-99", B2C),
)
MATCHED = {"VIP": Held("Very", None, (1, 2, 3, 4)), "GUESTS": Held(None, None, (5,)), "EMPTY": Held()}
THEIRS = {
    "VIP": Held("Very", None, (101, 102, 103, 104)),
    "GUESTS": Held(None, None, (105,)),
    "EMPTY": Held(),
}


class Shop:
    """Two backends with customers: `here` is the SOURCE, `there` what the command changes."""

    def __init__(self, segments: Segments, source: str, here: Backend, there: Backend) -> None:
        self._segments = segments
        self._source = source
        self.here = here
        self.there = there

    def run(self, command: str, *options: str) -> Done:
        return self._segments(command, self._source, "--accounts", *options)

    def apply(self, *options: str, by: str = "email") -> Done:
        return self.run("apply", "--match", by, "--yes", "--max-remove", "100%", *options)


def open_with(path: Path, customers: Sequence[Customer]) -> Backend:
    backend = open_backend(BackendTarget(f"sqlite:{path}", 30.0))
    with backend.transaction():
        backend.customers.save(customers)
    return backend


@pytest.fixture(params=["stores", "tenants"])
def shop(request: pytest.FixtureRequest, segments: Segments, tmp_path: Path) -> Iterator[Shop]:
    """Two stores, or two tenants in front of them."""
    with ExitStack() as stack:
        urls = []
        backends = []
        for name, customers in (("here", HERE), ("there", THERE)):
            home = tmp_path / name
            home.mkdir()
            store = Segments(home).store
            store.parent.mkdir(parents=True, exist_ok=True)
            backend = open_with(store, customers)
            stack.callback(backend.close)
            backends.append(backend)
            if request.param == "stores":
                urls.append(f"sqlite:{store}")
            else:
                urls.append(stack.enter_context(served(home, "--no-auth")).url)
        segments.env["SEGMENTS_BACKEND"] = urls[1]
        yield Shop(segments, urls[0], *backends)


@pytest.mark.parametrize("by", ["email", "external-id"])
def test_accounts_are_found_by_an_identifier_in_their_customer_set(shop: Shop, by: str) -> None:
    state: State = dict(MATCHED)
    expected: State = dict(THEIRS)
    if by != "email":  # guests have neither
        state = {code: held for code, held in state.items() if code != "GUESTS"}
        expected = {code: held for code, held in expected.items() if code != "GUESTS"}
    put(shop.here, state)
    done = shop.apply(by=by)
    assert done.code == 0, done.stderr
    assert state_of(shop.there) == expected
    count = 5 if by == "email" else 4
    assert f"{count} of {count} accounts match by" in done.stderr


def test_a_user_name_is_unique_within_a_customer_set(shop: Shop) -> None:
    put(shop.here, {"VIP": Held(None, None, (1, 3, 4))})
    assert shop.apply(by="user-name").code == 0
    assert state_of(shop.there) == {"VIP": Held(None, None, (101, 103, 104))}


def test_too_few_matches_change_nothing(shop: Shop) -> None:
    put(shop.here, {"VIP": Held(None, None, (1, 6, 7))})
    done = shop.apply()
    assert done.code == 2
    assert "1 of 3 accounts match by e-mail address (33.33 %)" in done.stderr
    assert "1 not found; 1 without one" in done.stderr
    assert "nothing was changed" in done.stderr
    assert state_of(shop.there) == {}
    assert shop.apply("--min-match", "34%").code == 2
    assert state_of(shop.there) == {}


def test_no_account_is_removed_where_one_has_no_match(shop: Shop) -> None:
    put(shop.here, {"VIP": Held(None, None, (1, 6)), "ALL": Held(None, None, (2,))})
    put(shop.there, {"VIP": Held(None, None, (199,)), "ALL": Held(None, None, (199,))})
    done = shop.apply("--min-match", "60%")
    assert done.code == 0, done.stderr
    # 199 may be account 6, whose address has changed.
    assert state_of(shop.there) == {
        "VIP": Held(None, None, (101, 199)),
        "ALL": Held(None, None, (102,)),
    }
    assert "no account is removed from segments with accounts that do not match: VIP (1)" in done.stderr


def test_nothing_is_guessed(shop: Shop) -> None:
    with shop.there.transaction():
        shop.there.customers.save(
            [
                Customer(111, "JANE@example.com", "jane2", "C-11", B2C),
                Customer(112, "gone@example.com", "gone", "C-6", B2B),  # in another customer set
                Customer(113, "jose@example.com", None, None, B2C, is_anonymous=True),
            ]
        )
    with shop.here.transaction():
        shop.here.customers.save([Customer(8, "O'HARA@example.com", "ohara8", "C-8", B2C)])
    put(shop.here, {"VIP": Held(None, None, (1, 2, 3, 6, 8))})
    done = shop.run("diff", "--match", "email", "--min-match", "0%", "-o", "json")
    assert done.code == 0, done.stderr
    # 1 matches two accounts; 3 and 8 match the same one; 6 is in another customer set.
    assert "1 of 5 accounts match by e-mail address (20.00 %); 3 ambiguous; 1 not found" in done.stderr
    assert done.json["summary"]["joined"] == 1


def test_the_plan_can_be_saved_and_applied(shop: Shop, tmp_path: Path) -> None:
    put(shop.here, MATCHED)
    plan = tmp_path / "plan.json"
    assert shop.apply("--dry-run", "--save-plan", str(plan)).code == 0
    assert state_of(shop.there) == {}
    assert "example.com" not in plan.read_text()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--match", "email"), "--match requires --accounts"),
        (("--accounts", "--min-match", "5%"), "--min-match requires --match"),
        (("--accounts", "--match", "email", "--min-match", "5"), "expected a percentage"),
        (("--accounts", "--match", "name"), "name"),
    ],
)
def test_options_that_make_no_sense_are_refused(
    segments: Segments, source: Callable[[State], str], options: tuple[str, ...], message: str
) -> None:
    done = segments("diff", source(MATCHED), *options)
    assert done.code == 2
    assert message in done.stderr


def test_a_store_without_customers_is_named(segments: Segments, tmp_path: Path) -> None:
    path = tmp_path / "source.db"
    store_at(path, MATCHED).close()
    done = segments("diff", f"sqlite:{path}", "--accounts", "--match", "email")
    assert done.code == 2
    assert "knows no customers" in done.stderr
    assert "segments customers import" in done.stderr
