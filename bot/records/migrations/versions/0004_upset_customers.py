"""Cases of upset customers with their timers; coupons that a case (or nobody but the policy) gives."""

import sqlalchemy as sa
from alembic import op

from bot.records.tables import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "care_cases",
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("level", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("scene", sa.String(length=16), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=True),
        sa.Column("facts_known", sa.Boolean(), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("escalation", sa.Integer(), nullable=False),
        sa.Column("met_at", UtcDateTime(), nullable=True),
        sa.Column("voucher", sa.String(length=16), nullable=True),
        sa.Column("feedback", sa.Text(), nullable=True),
        sa.Column("ending", sa.String(length=16), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("watch_until", UtcDateTime(), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_care_cases_case_id")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_care_cases")),
    )
    op.create_index(op.f("ix_care_cases_facts_known"), "care_cases", ["facts_known"])
    op.create_index(op.f("ix_care_cases_stage"), "care_cases", ["stage"])
    op.create_table(
        "care_timers",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_care_timers_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_timers")),
        sa.UniqueConstraint(
            "case_id", "kind", "number", name=op.f("uq_care_timers_case_id_kind_number")
        ),
    )
    op.create_index("ix_care_timers_due", "care_timers", ["state", "due_at"])
    op.create_table(
        "care_signals",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("conversation_id", sa.String(length=40), nullable=True),
        sa.Column("episode_id", sa.String(length=40), nullable=True),
        sa.Column("seq", sa.Integer(), nullable=True),
        sa.Column("cause", sa.String(length=16), nullable=True),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("name", sa.String(length=80), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_care_signals_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_care_signals")),
        sa.UniqueConstraint(
            "case_id", "kind", "name", name=op.f("uq_care_signals_case_id_kind_name")
        ),
    )
    op.create_index(op.f("ix_care_signals_case_id"), "care_signals", ["case_id"])
    op.create_index("ix_cases_opened", "cases", ["kind", "opened_at"])
    with op.batch_alter_table("coupon_grants") as batch_op:
        batch_op.alter_column("agent_id", existing_type=sa.String(length=40), nullable=True)
        batch_op.add_column(sa.Column("case_id", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("tried_at", UtcDateTime(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_coupon_grants_case_id"), "cases", ["case_id"], ["id"]
        )
        batch_op.create_index(batch_op.f("ix_coupon_grants_case_id"), ["case_id"])
        batch_op.create_index("ix_coupon_grants_open", ["status", "tried_at"])


def downgrade() -> None:
    """Undo; what cases knew beside the desk's own is lost, and coupons that no agent gave."""
    op.execute(sa.text("DELETE FROM coupon_grants WHERE agent_id IS NULL"))
    with op.batch_alter_table("coupon_grants") as batch_op:
        batch_op.drop_index("ix_coupon_grants_open")
        batch_op.drop_index(batch_op.f("ix_coupon_grants_case_id"))
        batch_op.drop_constraint(batch_op.f("fk_coupon_grants_case_id"), type_="foreignkey")
        batch_op.drop_column("tried_at")
        batch_op.drop_column("case_id")
        batch_op.alter_column("agent_id", existing_type=sa.String(length=40), nullable=False)
    op.drop_index("ix_cases_opened", "cases")
    op.drop_table("care_signals")
    op.drop_table("care_timers")
    op.drop_table("care_cases")
