"""A file that was taken off a draft, kept so that it can be put back

Revision ID: 0003
Revises: 0002
"""
import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('attachment') as batch:
        batch.alter_column('draft_id', existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column('removed_from_id', sa.Integer(), nullable=True))
        batch.create_foreign_key('fk_attachment_removed_from_id_draft', 'draft', ['removed_from_id'], ['id'], ondelete='CASCADE')
        batch.create_index('ix_attachment_removed', ['removed_from_id'])


def downgrade():
    op.execute('DELETE FROM attachment WHERE draft_id IS NULL')
    with op.batch_alter_table('attachment') as batch:
        batch.drop_index('ix_attachment_removed')
        batch.drop_constraint('fk_attachment_removed_from_id_draft', type_='foreignkey')
        batch.drop_column('removed_from_id')
        batch.alter_column('draft_id', existing_type=sa.Integer(), nullable=False)
