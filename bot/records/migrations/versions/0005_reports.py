"""Reports: facts of episodes and their sums, audits, gaps, satisfaction."""

import sqlalchemy as sa
from alembic import op

from bot.records.tables import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLES = (
    "satisfaction",
    "audit_labels",
    "gap_labels",
    "not_understood",
    "report_dirty",
    "report_cells",
    "episode_facts",
)


def upgrade() -> None:
    """Apply; episodes that ended before are put down to be derived."""
    op.create_table(
        "episode_facts",
        sa.Column("episode_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=False),
        sa.Column("subjects", sa.Text(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=32), nullable=True),
        sa.Column("excluded", sa.String(length=16), nullable=True),
        sa.Column("handoff_reason", sa.String(length=32), nullable=True),
        sa.Column("repeat_after_s", sa.Integer(), nullable=True),
        sa.Column("repeats", sa.Boolean(), nullable=False),
        sa.Column("csat", sa.Integer(), nullable=True),
        sa.Column("lot", sa.BigInteger(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("episode_id", name=op.f("pk_episode_facts")),
    )
    op.create_index(op.f("ix_episode_facts_ended_at"), "episode_facts", ["ended_at"])
    op.create_index("ix_episode_facts_person", "episode_facts", ["person", "started_at"])
    op.create_index("ix_episode_facts_started", "episode_facts", ["started_at", "episode_id"])
    op.create_table(
        "report_cells",
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("intent", sa.String(length=64), nullable=False),
        sa.Column("tier", sa.String(length=16), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", "channel", "intent", "tier", name=op.f("pk_report_cells")),
    )
    op.create_table(
        "report_dirty",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=True,
            nullable=False,
        ),
        sa.Column("episode_id", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_dirty")),
    )
    op.create_table(
        "not_understood",
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("episode_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("guess", sa.String(length=64), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("conversation_id", "seq", name=op.f("pk_not_understood")),
    )
    op.create_index(op.f("ix_not_understood_at"), "not_understood", ["at"])
    op.create_table(
        "gap_labels",
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("label", sa.String(length=64), nullable=False),
        sa.Column("agent_id", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("exported_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_gap_labels")),
    )
    op.create_table(
        "audit_labels",
        sa.Column("episode_id", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("agent_id", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("episode_id", name=op.f("pk_audit_labels")),
    )
    op.create_table(
        "satisfaction",
        sa.Column("episode_id", sa.String(length=40), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=80), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.Column("case_id", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("episode_id", name=op.f("pk_satisfaction")),
    )
    op.create_index(op.f("ix_satisfaction_conversation_id"), "satisfaction", ["conversation_id"])
    op.create_index("ix_satisfaction_person", "satisfaction", ["person", "asked_at"])
    op.create_index("ix_satisfaction_asked", "satisfaction", ["asked_at"])
    op.execute(
        "INSERT INTO report_dirty (episode_id) SELECT id FROM episodes WHERE closed_at IS NOT NULL"
    )


def downgrade() -> None:
    """Undo; audits, labels and scores are lost, figures can be derived again."""
    for table in _TABLES:
        op.drop_table(table)
