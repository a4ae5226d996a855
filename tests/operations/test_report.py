"""The report of a change of memberships."""

from segcli.account_set import AccountSet
from segcli.bulk.outcome import Outcome
from segcli.inputs.source import Given
from segcli.model import Segment
from segcli.operations.report import Report


def test_the_seconds_include_reading_the_accounts() -> None:
    given = Given(1, AccountSet([1]), 0, seconds=1000.0)
    report = Report(Segment(1, "VIP"), given).done(Outcome(1), 0, added=1)
    assert report.document()["seconds"] >= 1000
