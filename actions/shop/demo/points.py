"""The points ledger: every earning is a lot that lapses; spending takes from what lapses first.

At any time the sum of a customer's ledger equals the sum of what remains of the lots.
"""

from __future__ import annotations

from datetime import date, datetime

from actions.shop.demo.database import Database
from actions.shop.demo.days import day_of, points_lapse_on
from actions.shop.models import ExpiringPoints, PointsAccount


def earn(db: Database, customer_id: str, points: int, reason: str, at: datetime) -> None:
    """Credit points (> 0); they lapse at the end of the month twelve months later."""
    db.run(
        "INSERT INTO ledger (customer_id, at, points, reason, expires_on, remaining)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        customer_id,
        at.isoformat(),
        points,
        reason,
        points_lapse_on(day_of(at)).isoformat(),
        points,
    )


def spend(db: Database, customer_id: str, points: int, reason: str, at: datetime) -> bool:
    """Debit points (> 0) from the lots that lapse first; False if there are not enough."""
    lapse(db, customer_id, at)
    lots = db.rows(
        "SELECT id, remaining FROM ledger WHERE customer_id = ? AND remaining > 0"
        " ORDER BY expires_on, id",
        customer_id,
    )
    if sum(remaining for _, remaining in lots) < points:
        return False
    owed = points
    for lot, remaining in lots:
        taken = min(owed, remaining)
        db.run("UPDATE ledger SET remaining = remaining - ? WHERE id = ?", taken, lot)
        owed -= taken
        if owed == 0:
            break
    _debit(db, customer_id, points, reason, at)
    return True


def lapse(db: Database, customer_id: str, at: datetime) -> None:
    """Write off the lots whose last day has passed."""
    today = day_of(at).isoformat()
    row = db.row(
        "SELECT sum(remaining) FROM ledger WHERE customer_id = ? AND remaining > 0 AND expires_on < ?",
        customer_id,
        today,
    )
    if row is None or not row[0]:
        return
    db.run(
        "UPDATE ledger SET remaining = 0"
        " WHERE customer_id = ? AND remaining > 0 AND expires_on < ?",
        customer_id,
        today,
    )
    _debit(db, customer_id, int(row[0]), "积分到期", at)


def account(db: Database, customer_id: str, today: date) -> PointsAccount:
    """What a customer has on a day, and when it lapses, soonest first."""
    lots = db.rows(
        "SELECT expires_on, sum(remaining) FROM ledger"
        " WHERE customer_id = ? AND remaining > 0 AND expires_on >= ?"
        " GROUP BY expires_on ORDER BY expires_on",
        customer_id,
        today.isoformat(),
    )
    return PointsAccount(
        balance=sum(points for _, points in lots),
        expiring=tuple(
            ExpiringPoints(points=points, on=date.fromisoformat(day)) for day, points in lots
        ),
    )


def _debit(db: Database, customer_id: str, points: int, reason: str, at: datetime) -> None:
    db.run(
        "INSERT INTO ledger (customer_id, at, points, reason) VALUES (?, ?, ?, ?)",
        customer_id,
        at.isoformat(),
        -points,
        reason,
    )
