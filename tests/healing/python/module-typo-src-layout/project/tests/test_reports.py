from datetime import date

from ledger.reports import monthly
from ledger.store import Entry


def test_monthly():
    entries = [Entry(date(2024, 1, 2), 1.0), Entry(date(2024, 1, 3), 2.0)]
    assert monthly(entries) == [("2024-01", 3.0)]
