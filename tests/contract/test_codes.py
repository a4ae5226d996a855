"""codes(): the codes that completion offers, on any backend."""

import pytest

from segcli.backends.base import Backend
from tests.contract.helpers import add


def found(backend: Backend, prefix: str, limit: int = 100) -> tuple[list[str], bool]:
    codes = backend.codes(prefix, limit)
    return list(codes.items), codes.complete


def test_an_empty_backend_has_no_codes(backend: Backend) -> None:
    assert found(backend, "") == ([], True)
    assert found(backend, "V") == ([], True)


def test_codes_with_the_prefix_are_in_order_of_code_points(backend: Backend) -> None:
    add(backend, "VIP", "STAFF", "VIP-2", "VIA", "V", "vip", "éa", "Z")
    assert found(backend, "") == (["STAFF", "V", "VIA", "VIP", "VIP-2", "Z", "vip", "éa"], True)
    assert found(backend, "V") == (["V", "VIA", "VIP", "VIP-2"], True)
    assert found(backend, "VIP") == (["VIP", "VIP-2"], True)
    assert found(backend, "VIP-3") == ([], True)


def test_a_prefix_is_case_sensitive(backend: Backend) -> None:
    add(backend, "VIP", "vip", "Vip", "STRASSE", "straße")
    assert found(backend, "v") == (["vip"], True)
    assert found(backend, "stra") == (["straße"], True)


def test_at_most_limit_codes_are_returned(backend: Backend) -> None:
    add(backend, "A2", "A1", "B", "A3")
    assert found(backend, "A", 2) == (["A1", "A2"], False)
    assert found(backend, "A", 3) == (["A1", "A2", "A3"], True)
    assert found(backend, "", 3) == (["A1", "A2", "A3"], False)
    assert found(backend, "", 4) == (["A1", "A2", "A3", "B"], True)


def test_a_limit_beyond_the_page_size_is_allowed(backend: Backend) -> None:
    add(backend, *(f"S{number:03}" for number in range(250)))
    codes, complete = found(backend, "S", 500)
    assert complete == (len(codes) == 250)
    assert codes == [f"S{number:03}" for number in range(len(codes))]
    assert len(codes) >= 200


ODD = [
    "%", "_", "*", "?", "[", "'", '"', "''", "\\", " ", "a b", "and", "null", "\x00", "\x1b[31m", "\t", "-",
    "id:", "重要", "🎉", "e\u0301", "\u00e9", "\ud7ff", "\ue000", "\uffff", "\U0010ffff", "x\U0010ffff",
]  # fmt: skip


@pytest.mark.parametrize("prefix", ODD, ids=ascii)
def test_odd_characters_in_a_prefix_mean_themselves(backend: Backend, prefix: str) -> None:
    add(backend, "AAA", f"{prefix}1", f"{prefix}\U0010ffff2", f"1{prefix}", "zzz")
    assert found(backend, prefix) == ([f"{prefix}1", f"{prefix}\U0010ffff2"], True)


def test_text_that_no_code_can_contain_has_no_codes(backend: Backend) -> None:
    add(backend, "VIP")
    assert found(backend, "\udcff") == ([], True)
    assert found(backend, "V\ud800") == ([], True)
