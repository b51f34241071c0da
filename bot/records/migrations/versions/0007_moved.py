"""Contacts that go on with what was begun on another channel."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply; episodes that ended before are put down to be derived again."""
    op.add_column(
        "episode_facts",
        sa.Column("moved", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.execute(
        "INSERT INTO report_dirty (episode_id) SELECT id FROM episodes WHERE closed_at IS NOT NULL"
    )


def downgrade() -> None:
    """Undo."""
    op.drop_column("episode_facts", "moved")
