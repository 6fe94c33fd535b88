from collections import defaultdict


def monthly(entries):
    totals = defaultdict(float)
    for entry in entries:
        totals[entry.day.strftime("%Y-%m")] += entry.amount
    return sorted(totals.items())
