"""Customers in the rows of a table: how columns and cells are read, and what is invalid."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcli.customer import MAX_IDENTIFIER, MEMBERS, Customer
from segcli.errors import UsageError
from segcli.inputs.customer_rows import CustomerTable
from segcli.inputs.tables import Batch, Table, open_table
from tests.support.customers import csv_file


def table(columns: Sequence[str], *rows: Sequence[str]) -> Table:
    return Table("file.csv", "line", tuple(columns), iter([Batch(range(2, len(rows) + 2), rows)]))


def customers(columns: Sequence[str], *rows: Sequence[str]) -> list[Customer]:
    (batch,) = CustomerTable(table(columns, *rows)).batches()
    assert batch.rows == len(rows)
    return batch.customers


@pytest.mark.parametrize(
    "header",
    [
        "accountId,emailAddress,userName,externalId,customerSet,isAnonymous,isActive",
        "ID,E-Mail,user_name,external.id,Customer Set,IsAnonymous,IS_ACTIVE",
        "Account ID,EmailAddress,USERNAME,External-Id,customer_set,is anonymous,is.active",
    ],
)
def test_headers_match_in_every_usual_form(header: str) -> None:
    row = ["7", "a@b.c", "ann", "C-7", "main", "true", "false"]
    assert customers(header.split(","), row) == [Customer(7, "a@b.c", "ann", "C-7", "main", True, False)]


def test_a_result_is_a_customer() -> None:
    (customer,) = customers(["id"], ["5"])
    assert isinstance(customer, Customer)
    assert customer == Customer(5)


def test_other_columns_are_ignored() -> None:
    assert customers(["tier", "email", "id"], ["gold", "a@b.c", "5"]) == [Customer(5, "a@b.c")]


@pytest.mark.parametrize("columns", [["id", "Account Id"], ["account_id", "ID"]])
def test_a_column_account_id_precedes_a_column_id(columns: list[str]) -> None:
    row = ["1", "1001"] if columns[0] == "id" else ["1001", "1"]
    assert customers(columns, row) == [Customer(1001)]


def test_two_columns_for_one_member_are_an_error() -> None:
    with pytest.raises(UsageError, match="two columns for emailAddress: 'email' and 'Email Address'"):
        CustomerTable(table(["id", "email", "Email Address"]))
    with pytest.raises(UsageError, match="two columns for id: 'accountId' and 'ACCOUNT_ID'"):
        CustomerTable(table(["accountId", "ACCOUNT_ID"]))
    with pytest.raises(UsageError, match="two columns for id: 'id' and 'ID'"):
        CustomerTable(table(["id", "ID"]))


def test_a_table_without_ids_is_an_error() -> None:
    with pytest.raises(UsageError, match="has no column accountId or id") as error:
        CustomerTable(table(["email", "name"]))
    assert error.value.hint == "the columns are: email, name"


def test_white_space_around_values_is_removed_and_empty_cells_are_missing() -> None:
    columns = ["id", "email", "externalId", "isActive", "isAnonymous"]
    assert customers(columns, [" 5 ", " a@b.c", "\t", " ", ""], ["6", "", "x y", "no", "YES"]) == [
        Customer(5, "a@b.c"),
        Customer(6, None, external_id="x y", is_active=False, is_anonymous=True),
    ]


@pytest.mark.parametrize(
    ("text", "value"),
    [("true", True), ("YES", True), ("1", True), ("False", False), ("no", False), ("0", False)],
)
def test_flags(text: str, value: bool) -> None:
    assert customers(["id", "isActive", "isAnonymous"], ["5", text, text]) == [
        Customer(5, is_active=value, is_anonymous=value)
    ]


INVALID = [
    (["0", "", ""], "'0' is not a valid account id: expected 1 to 2147483647"),
    (["2147483648", "", ""], "'2147483648' is not a valid account id: expected 1 to 2147483647"),
    (["", "", ""], "'' is not a valid account id: expected 1 to 2147483647"),
    (["+5", "", ""], "'+5' is not a valid account id: expected 1 to 2147483647"),
    (["1_0", "", ""], "'1_0' is not a valid account id: expected 1 to 2147483647"),
    (["٣", "", ""], "'٣' is not a valid account id: expected 1 to 2147483647"),
    (["9" * 5000, "", ""], f"'{'9' * 100}…' is not a valid account id: expected 1 to 2147483647"),
    (
        ["5", "x" * (MAX_IDENTIFIER + 1), ""],
        f"the emailAddress '{'x' * 100}…' has 256 characters: expected at most 255",
    ),
    (["5", "a\0b", ""], "the emailAddress 'a\\x00b' contains a NUL character"),
    (["5", "a\udcff", ""], "the emailAddress 'a\\udcff' is not valid Unicode text"),
    (["5", "", "maybe"], "'maybe' is not a valid isActive: expected true or false"),
]


@pytest.mark.parametrize(("row", "reason"), INVALID)
def test_an_invalid_row_is_refused_with_its_line(row: list[str], reason: str) -> None:
    with pytest.raises(UsageError) as error:
        customers(["id", "email", "isActive"], ["1", "ok", "no"], row, ["2", "", ""])
    assert error.value.message == f"file.csv, line 3: {reason}"
    assert error.value.hint == "nothing was changed; --skip-invalid skips such rows and counts them"


@pytest.mark.parametrize(("row", "reason"), INVALID)
def test_or_rejected_while_the_others_are_kept(row: list[str], reason: str) -> None:
    rejected = []
    batches = CustomerTable(
        table(["id", "email", "isActive"], ["1", "ok", "no"], row, ["2", "", ""])
    ).batches(lambda *each: rejected.append(each))
    (batch,) = batches
    assert batch == (3, [Customer(1, "ok", is_active=False), Customer(2)])
    assert rejected == [(3, row, reason)]


def test_the_longest_text_is_accepted_and_so_is_any_unicode() -> None:
    longest = "é" * MAX_IDENTIFIER
    assert customers(["id", "email"], ["5", longest]) == [Customer(5, longest)]


def test_json_has_the_members_of_the_api(tmp_path: Path) -> None:
    known = [
        Customer(1, "a@b.c", "ann", "C-1", "main", True, False),
        Customer(2, customer_set="other"),
    ]
    path = tmp_path / "customers.json"
    path.write_text(json.dumps({"totalCount": 2, "items": [each.to_json() for each in known]}))
    with open_table(str(path)) as opened:
        read = CustomerTable(opened)
        assert read.members == set(MEMBERS)
        assert [customer for batch in read.batches() for customer in batch.customers] == known


def test_a_file_of_ids_alone_has_no_header(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "1001", "1002", name="ids.txt")
    with open_table(str(path)) as opened, pytest.raises(UsageError, match="no column accountId or id"):
        CustomerTable(opened)


CELLS = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", " 3", "0", "x", ""]),
        st.sampled_from(["", "a", " b ", "é", "\ud800", "y" * 256]),
        st.sampled_from(["", "no", "TRUE", "?"]),
    ),
    min_size=1,
    max_size=8,
)


@given(CELLS)
def test_rows_are_the_same_together_and_alone(rows: list[tuple[str, str, str]]) -> None:
    def read(*rows: Sequence[str]) -> tuple[list[Customer], int]:
        rejected: list[str] = []
        batches = CustomerTable(table(["id", "email", "isActive"], *rows)).batches(
            lambda _number, _row, reason: rejected.append(reason)
        )
        return [customer for batch in batches for customer in batch.customers], len(rejected)

    alone = [read(row) for row in rows]
    assert read(*rows) == ([each for found, _ in alone for each in found], sum(count for _, count in alone))
