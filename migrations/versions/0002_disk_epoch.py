"""The epoch of the disk, kept where PostgreSQL itself forgets it after a crash

Revision ID: 0002
Revises: 0001
"""
import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        'disk_epoch',
        sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('token', sa.String(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_disk_epoch')),
    )
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('ALTER TABLE disk_epoch SET UNLOGGED')


def downgrade():
    op.drop_table('disk_epoch')
