"""What is written down: tables, the database behind them, and an episode's outcome.

The event log is the truth; everything else here can be derived from it or is kept for speed.
"""

from bot.records.database import Database, DatabaseUnavailable, new_id
from bot.records.outcome import Outcome, derive_outcome

__all__ = ["Database", "DatabaseUnavailable", "Outcome", "derive_outcome", "new_id"]
