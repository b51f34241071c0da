"""Platforms that must be sent to: reply windows, contacts, media, cursors, notices."""

import sqlalchemy as sa
from alembic import op

from bot.records.tables import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = ("notices", "sync_cursors", "media_jobs", "sent_parts", "reply_windows", "contacts")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "contacts",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("union_id", sa.String(length=64), nullable=True),
        sa.Column("reachable", sa.Boolean(), nullable=False),
        sa.Column("opted_out_at", UtcDateTime(), nullable=True),
        sa.Column("looked_up_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "external_id", name=op.f("pk_contacts")),
    )
    op.create_index(op.f("ix_contacts_union_id"), "contacts", ["union_id"])
    op.create_table(
        "reply_windows",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("until", UtcDateTime(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "external_id", "kind", name=op.f("pk_reply_windows")),
    )
    op.create_table(
        "sent_parts",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "external_id", "seq", "part", name="pk_sent_parts"),
    )
    op.create_index(op.f("ix_sent_parts_at"), "sent_parts", ["at"])
    op.create_table(
        "media_jobs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("external_id", sa.String(length=128), nullable=False),
        sa.Column("dedup_key", sa.String(length=256), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("media_id", sa.String(length=256), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media_jobs")),
        sa.UniqueConstraint("dedup_key", name=op.f("uq_media_jobs_dedup_key")),
    )
    op.create_index("ix_media_jobs_due", "media_jobs", ["status", "next_at"])
    op.create_table(
        "sync_cursors",
        sa.Column("account", sa.String(length=128), nullable=False),
        sa.Column("cursor", sa.String(length=256), nullable=False),
        sa.Column("token", sa.String(length=256), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("synced", sa.Integer(), nullable=False),
        sa.Column("lease_until", UtcDateTime(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("account", name=op.f("pk_sync_cursors")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("shop_customer_id", sa.String(length=64), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=True),
        sa.Column("channel", sa.String(length=32), nullable=True),
        sa.Column("external_id", sa.String(length=128), nullable=True),
        sa.Column("day", sa.String(length=10), nullable=True),
        sa.Column("way", sa.String(length=16), nullable=True),
        sa.Column("platform_id", sa.String(length=64), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_platform_id"), "notices", ["platform_id"])
    op.create_index("ix_notices_due", "notices", ["status", "next_at"])
    op.create_index("ix_notices_of_customer", "notices", ["shop_customer_id", "day"])
    with op.batch_alter_table("inbox") as batch_op:
        batch_op.add_column(sa.Column("prepared", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("passive_until", UtcDateTime(), nullable=True))
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.add_column(sa.Column("inbox_id", sa.String(length=40), nullable=True))
        batch_op.add_column(sa.Column("via", sa.String(length=16), nullable=True))
        batch_op.create_index(batch_op.f("ix_outbox_inbox_id"), ["inbox_id"])


def downgrade() -> None:
    """Undo; windows, contacts and notices are lost."""
    with op.batch_alter_table("outbox") as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_inbox_id"))
        batch_op.drop_column("via")
        batch_op.drop_column("inbox_id")
    with op.batch_alter_table("inbox") as batch_op:
        batch_op.drop_column("passive_until")
        batch_op.drop_column("prepared")
    for table in _TABLES:
        op.drop_table(table)
