"""A query as a tenant is sent it: parsed again, it is the same query."""

from hypothesis import given, settings

from segcli.backends.tenant.parameters import parameters
from segcli.query.parse import parse_query
from tests.query.cases import Case, cases


@settings(max_examples=300, deadline=None)
@given(case=cases())
def test_a_query_that_is_sent_parses_to_itself(case: Case) -> None:
    query = parse_query(filter=case.filter, sort_by=case.sort_by)
    sent = parameters(query)
    assert parse_query(filter=sent.get("filter", ""), sort_by=sent.get("sortBy", "")) == query
