"""Totals per region, compared with the targets."""

from collections import defaultdict


def summarise(orders, targets):
    """Region, total without returns, and whether the target is met; best region first."""
    totals = defaultdict(float)
    for order in orders:
        if not order.returned
            totals[order.region] += order.amount
    lines = []
    for region, total in totals.items():
        target = targets.get(region, 0)  # regions without a target are always fine
        mark = "ok" if total >= target else f"{target - total:.2f} short"
        lines.append((region, total, mark))
    return sorted(lines, key=lambda line: line[1], reverse=True)
