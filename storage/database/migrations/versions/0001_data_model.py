"""The whole data model: case side, read side, audit trail, settings; and what the database itself refuses."""

import sqlalchemy as sa
from alembic import op

from storage.database.triggers import trigger_statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('audit',
    sa.Column('chain', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('at', sa.Text(), nullable=False),
    sa.Column('local_offset', sa.Text(), nullable=False),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('action', sa.Text(), nullable=False),
    sa.Column('object', sa.Text(), nullable=False),
    sa.Column('which', sa.Text(), nullable=False),
    sa.Column('subject_id', sa.Text(), nullable=False),
    sa.Column('old', sa.JSON(), nullable=False),
    sa.Column('new', sa.JSON(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('program', sa.Text(), nullable=False),
    sa.Column('protocol', sa.Text(), nullable=False),
    sa.Column('previous_hash', sa.Text(), nullable=False),
    sa.Column('hash', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('chain', 'number', name=op.f('pk_audit'))
    )
    op.create_table('setting',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('value', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_setting'))
    )
    op.create_table('trial',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('demo', sa.Boolean(), nullable=False),
    sa.Column('secret', sa.Text(), nullable=False),
    sa.Column('created_at', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_trial')),
    sa.UniqueConstraint('name', name=op.f('uq_trial_name'))
    )
    op.create_table('user_account',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('printed_name', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=False),
    sa.Column('disabled', sa.Boolean(), nullable=False),
    sa.Column('failed', sa.Integer(), nullable=False),
    sa.Column('locked', sa.Boolean(), nullable=False),
    sa.Column('next_try_at', sa.Text(), nullable=False),
    sa.Column('created_at', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_user_account')),
    sa.UniqueConstraint('name', name=op.f('uq_user_account_name'))
    )
    op.create_table('export',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('trial_id', sa.String(length=36), nullable=False),
    sa.Column('at', sa.Text(), nullable=False),
    sa.Column('by', sa.Text(), nullable=False),
    sa.Column('blinded', sa.Boolean(), nullable=False),
    sa.Column('manifest', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['trial_id'], ['trial.id'], name=op.f('fk_export_trial_id_trial')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_export'))
    )
    op.create_index(op.f('ix_export_trial_id'), 'export', ['trial_id'], unique=False)
    op.create_table('import_table',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('trial_id', sa.String(length=36), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('at', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['trial_id'], ['trial.id'], name=op.f('fk_import_table_trial_id_trial')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_table'))
    )
    op.create_index(op.f('ix_import_table_trial_id'), 'import_table', ['trial_id'], unique=False)
    op.create_table('protocol_version',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('trial_id', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('sha256', sa.Text(), nullable=False),
    sa.Column('created_at', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['trial_id'], ['trial.id'], name=op.f('fk_protocol_version_trial_id_trial')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_protocol_version')),
    sa.UniqueConstraint('trial_id', 'number', name=op.f('uq_protocol_version_trial_id_number'))
    )
    op.create_index(op.f('ix_protocol_version_trial_id'), 'protocol_version', ['trial_id'], unique=False)
    op.create_table('role_grant',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('trial_id', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_role_grant_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_role_grant')),
    sa.UniqueConstraint('user_id', 'trial_id', 'role', name=op.f('uq_role_grant_user_id_trial_id_role'))
    )
    op.create_index(op.f('ix_role_grant_user_id'), 'role_grant', ['user_id'], unique=False)
    op.create_table('signature',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('object_id', sa.Text(), nullable=False),
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('printed_name', sa.Text(), nullable=False),
    sa.Column('meaning', sa.Text(), nullable=False),
    sa.Column('at', sa.Text(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('program', sa.Text(), nullable=False),
    sa.Column('engine', sa.Text(), nullable=False),
    sa.Column('protocol', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_signature_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signature'))
    )
    op.create_index(op.f('ix_signature_user_id'), 'signature', ['user_id'], unique=False)
    op.create_table('subject',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('trial_id', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Text(), nullable=False),
    sa.Column('site', sa.Text(), nullable=False),
    sa.Column('reading_code', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('created_at', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['trial_id'], ['trial.id'], name=op.f('fk_subject_trial_id_trial')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subject')),
    sa.UniqueConstraint('trial_id', 'number', name=op.f('uq_subject_trial_id_number')),
    sa.UniqueConstraint('trial_id', 'reading_code', name=op.f('uq_subject_trial_id_reading_code'))
    )
    op.create_index(op.f('ix_subject_trial_id'), 'subject', ['trial_id'], unique=False)
    op.create_table('assignment',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('subject_id', sa.String(length=36), nullable=False),
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('at', sa.Text(), nullable=False),
    sa.Column('order_key', sa.Text(), nullable=False),
    sa.Column('due_date', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['subject_id'], ['subject.id'], name=op.f('fk_assignment_subject_id_subject')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_assignment_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_assignment'))
    )
    op.create_index(op.f('ix_assignment_subject_id'), 'assignment', ['subject_id'], unique=False)
    op.create_index(op.f('ix_assignment_user_id'), 'assignment', ['user_id'], unique=False)
    op.create_table('comparison',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('subject_id', sa.String(length=36), nullable=False),
    sa.Column('read_1_id', sa.Text(), nullable=False),
    sa.Column('read_2_id', sa.Text(), nullable=False),
    sa.Column('rows', sa.JSON(), nullable=False),
    sa.Column('discordant', sa.Boolean(), nullable=False),
    sa.Column('at', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['subject_id'], ['subject.id'], name=op.f('fk_comparison_subject_id_subject')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_comparison'))
    )
    op.create_index(op.f('ix_comparison_subject_id'), 'comparison', ['subject_id'], unique=False)
    op.create_table('procedure',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('subject_id', sa.String(length=36), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('technique', sa.Text(), nullable=False),
    sa.Column('date', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['subject_id'], ['subject.id'], name=op.f('fk_procedure_subject_id_subject')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_procedure')),
    sa.UniqueConstraint('subject_id', 'number', name=op.f('uq_procedure_subject_id_number'))
    )
    op.create_index(op.f('ix_procedure_subject_id'), 'procedure', ['subject_id'], unique=False)
    op.create_table('query',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('subject_id', sa.String(length=36), nullable=False),
    sa.Column('timepoint_id', sa.Text(), nullable=False),
    sa.Column('about', sa.Text(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('to_user_id', sa.Text(), nullable=False),
    sa.Column('opened_by', sa.Text(), nullable=False),
    sa.Column('opened_at', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('answered_at', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['subject_id'], ['subject.id'], name=op.f('fk_query_subject_id_subject')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_query'))
    )
    op.create_index(op.f('ix_query_subject_id'), 'query', ['subject_id'], unique=False)
    op.create_table('reading',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('subject_id', sa.String(length=36), nullable=False),
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('supersedes_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('created_at', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['subject_id'], ['subject.id'], name=op.f('fk_reading_subject_id_subject')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_reading_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reading')),
    sa.UniqueConstraint('subject_id', 'user_id', 'kind', 'version', name=op.f('uq_reading_subject_id_user_id_kind_version'))
    )
    op.create_index(op.f('ix_reading_subject_id'), 'reading', ['subject_id'], unique=False)
    op.create_index(op.f('ix_reading_user_id'), 'reading', ['user_id'], unique=False)
    op.create_table('timepoint',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('subject_id', sa.String(length=36), nullable=False),
    sa.Column('visit', sa.Text(), nullable=False),
    sa.Column('scan_date', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('ordinal', sa.Integer(), nullable=False),
    sa.Column('day', sa.Integer(), nullable=False),
    sa.Column('reader_name', sa.Text(), nullable=False),
    sa.Column('in_window', sa.Text(), nullable=False),
    sa.Column('remark', sa.Text(), nullable=False),
    sa.Column('received_at', sa.Text(), nullable=False),
    sa.Column('released_at', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['subject_id'], ['subject.id'], name=op.f('fk_timepoint_subject_id_subject')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_timepoint')),
    sa.UniqueConstraint('subject_id', 'visit', 'scan_date', name=op.f('uq_timepoint_subject_id_visit_scan_date'))
    )
    op.create_index(op.f('ix_timepoint_subject_id'), 'timepoint', ['subject_id'], unique=False)
    op.create_table('adjudication',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('subject_id', sa.String(length=36), nullable=False),
    sa.Column('comparison_id', sa.String(length=36), nullable=False),
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('side_a_read_id', sa.Text(), nullable=False),
    sa.Column('side_b_read_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('chosen_read_id', sa.Text(), nullable=False),
    sa.Column('reason_code', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('signed_at', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['comparison_id'], ['comparison.id'], name=op.f('fk_adjudication_comparison_id_comparison')),
    sa.ForeignKeyConstraint(['subject_id'], ['subject.id'], name=op.f('fk_adjudication_subject_id_subject')),
    sa.ForeignKeyConstraint(['user_id'], ['user_account.id'], name=op.f('fk_adjudication_user_id_user_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_adjudication'))
    )
    op.create_index(op.f('ix_adjudication_comparison_id'), 'adjudication', ['comparison_id'], unique=False)
    op.create_index(op.f('ix_adjudication_subject_id'), 'adjudication', ['subject_id'], unique=False)
    op.create_index(op.f('ix_adjudication_user_id'), 'adjudication', ['user_id'], unique=False)
    op.create_table('image_check',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('timepoint_id', sa.String(length=36), nullable=False),
    sa.Column('item', sa.Text(), nullable=False),
    sa.Column('found', sa.Text(), nullable=False),
    sa.Column('verdict', sa.Text(), nullable=False),
    sa.Column('remark', sa.Text(), nullable=False),
    sa.Column('at', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['timepoint_id'], ['timepoint.id'], name=op.f('fk_image_check_timepoint_id_timepoint')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_image_check'))
    )
    op.create_index(op.f('ix_image_check_timepoint_id'), 'image_check', ['timepoint_id'], unique=False)
    op.create_table('read_timepoint',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('read_id', sa.String(length=36), nullable=False),
    sa.Column('timepoint_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('opened_at', sa.Text(), nullable=False),
    sa.Column('signed_at', sa.Text(), nullable=False),
    sa.Column('view', sa.JSON(), nullable=False),
    sa.Column('response_shown_at', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['read_id'], ['reading.id'], name=op.f('fk_read_timepoint_read_id_reading')),
    sa.ForeignKeyConstraint(['timepoint_id'], ['timepoint.id'], name=op.f('fk_read_timepoint_timepoint_id_timepoint')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_read_timepoint')),
    sa.UniqueConstraint('read_id', 'timepoint_id', name=op.f('uq_read_timepoint_read_id_timepoint_id'))
    )
    op.create_index(op.f('ix_read_timepoint_read_id'), 'read_timepoint', ['read_id'], unique=False)
    op.create_index(op.f('ix_read_timepoint_timepoint_id'), 'read_timepoint', ['timepoint_id'], unique=False)
    op.create_table('series',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('timepoint_id', sa.String(length=36), nullable=False),
    sa.Column('uid', sa.Text(), nullable=False),
    sa.Column('modality', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('hang_as', sa.Text(), nullable=False),
    sa.Column('slices', sa.Integer(), nullable=False),
    sa.Column('spacing_mm', sa.JSON(), nullable=False),
    sa.Column('thickness_mm', sa.Text(), nullable=False),
    sa.Column('measurable', sa.Boolean(), nullable=False),
    sa.Column('why_not', sa.Text(), nullable=False),
    sa.Column('defects', sa.JSON(), nullable=False),
    sa.Column('scan_date', sa.Text(), nullable=False),
    sa.Column('frame_of_reference', sa.Text(), nullable=False),
    sa.Column('manifest', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['timepoint_id'], ['timepoint.id'], name=op.f('fk_series_timepoint_id_timepoint')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_series')),
    sa.UniqueConstraint('timepoint_id', 'uid', name=op.f('uq_series_timepoint_id_uid'))
    )
    op.create_index(op.f('ix_series_timepoint_id'), 'series', ['timepoint_id'], unique=False)
    op.create_table('zone',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('subject_id', sa.String(length=36), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('organ', sa.Text(), nullable=False),
    sa.Column('site', sa.Text(), nullable=False),
    sa.Column('place', sa.JSON(), nullable=False),
    sa.Column('series_uid', sa.Text(), nullable=False),
    sa.Column('procedure_id', sa.String(length=36), nullable=True),
    sa.Column('counts_as_treated', sa.Boolean(), nullable=False),
    sa.Column('first_timepoint_id', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['procedure_id'], ['procedure.id'], name=op.f('fk_zone_procedure_id_procedure')),
    sa.ForeignKeyConstraint(['subject_id'], ['subject.id'], name=op.f('fk_zone_subject_id_subject')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_zone')),
    sa.UniqueConstraint('subject_id', 'label', name=op.f('uq_zone_subject_id_label'))
    )
    op.create_index(op.f('ix_zone_procedure_id'), 'zone', ['procedure_id'], unique=False)
    op.create_index(op.f('ix_zone_subject_id'), 'zone', ['subject_id'], unique=False)
    op.create_table('correction',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('read_timepoint_id', sa.String(length=36), nullable=False),
    sa.Column('asked_by', sa.Text(), nullable=False),
    sa.Column('asked_at', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('decided_by', sa.Text(), nullable=False),
    sa.Column('decided_at', sa.Text(), nullable=False),
    sa.Column('decision_reason', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['read_timepoint_id'], ['read_timepoint.id'], name=op.f('fk_correction_read_timepoint_id_read_timepoint')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction'))
    )
    op.create_index(op.f('ix_correction_read_timepoint_id'), 'correction', ['read_timepoint_id'], unique=False)
    op.create_table('finding',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('read_timepoint_id', sa.String(length=36), nullable=False),
    sa.Column('lesion_id', sa.Text(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('diameter_mm', sa.Text(), nullable=False),
    sa.Column('long_axis_mm', sa.Text(), nullable=False),
    sa.Column('short_axis_mm', sa.Text(), nullable=False),
    sa.Column('volume_ml', sa.Text(), nullable=False),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('mark_id', sa.Text(), nullable=False),
    sa.Column('treated', sa.Text(), nullable=False),
    sa.Column('merged_into', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('after_response', sa.Boolean(), nullable=False),
    sa.Column('at', sa.Text(), nullable=False),
    sa.Column('voided', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['read_timepoint_id'], ['read_timepoint.id'], name=op.f('fk_finding_read_timepoint_id_read_timepoint')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_finding')),
    sa.UniqueConstraint('read_timepoint_id', 'lesion_id', 'version', name=op.f('uq_finding_read_timepoint_id_lesion_id_version'))
    )
    op.create_index(op.f('ix_finding_read_timepoint_id'), 'finding', ['read_timepoint_id'], unique=False)
    op.create_table('instance',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('series_id', sa.String(length=36), nullable=False),
    sa.Column('sop_uid', sa.Text(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('sha256_original', sa.Text(), nullable=False),
    sa.Column('sha256_stored', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['series_id'], ['series.id'], name=op.f('fk_instance_series_id_series')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_instance')),
    sa.UniqueConstraint('series_id', 'sop_uid', name=op.f('uq_instance_series_id_sop_uid'))
    )
    op.create_index(op.f('ix_instance_series_id'), 'instance', ['series_id'], unique=False)
    op.create_table('lesion',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('lesion_id', sa.Text(), nullable=False),
    sa.Column('read_id', sa.String(length=36), nullable=False),
    sa.Column('read_timepoint_id', sa.String(length=36), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('organ', sa.Text(), nullable=False),
    sa.Column('site', sa.Text(), nullable=False),
    sa.Column('nodal', sa.Boolean(), nullable=False),
    sa.Column('zone_id', sa.Text(), nullable=False),
    sa.Column('split_from', sa.Text(), nullable=False),
    sa.Column('at', sa.Text(), nullable=False),
    sa.Column('voided', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['read_id'], ['reading.id'], name=op.f('fk_lesion_read_id_reading')),
    sa.ForeignKeyConstraint(['read_timepoint_id'], ['read_timepoint.id'], name=op.f('fk_lesion_read_timepoint_id_read_timepoint')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_lesion')),
    sa.UniqueConstraint('lesion_id', 'version', name=op.f('uq_lesion_lesion_id_version'))
    )
    op.create_index(op.f('ix_lesion_read_id'), 'lesion', ['read_id'], unique=False)
    op.create_index(op.f('ix_lesion_read_timepoint_id'), 'lesion', ['read_timepoint_id'], unique=False)
    op.create_table('mark',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('read_timepoint_id', sa.String(length=36), nullable=False),
    sa.Column('series_uid', sa.Text(), nullable=False),
    sa.Column('sop_uid', sa.Text(), nullable=False),
    sa.Column('slice', sa.Integer(), nullable=False),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('long_axis', sa.JSON(), nullable=False),
    sa.Column('short_axis', sa.JSON(), nullable=False),
    sa.Column('outlines', sa.JSON(), nullable=False),
    sa.Column('mask_box', sa.JSON(), nullable=False),
    sa.Column('mask_bits', sa.LargeBinary(), nullable=False),
    sa.Column('drawn_long_mm', sa.Float(), nullable=False),
    sa.Column('drawn_short_mm', sa.Float(), nullable=False),
    sa.Column('volume_ml', sa.Text(), nullable=False),
    sa.Column('mean', sa.Text(), nullable=False),
    sa.Column('sd', sa.Text(), nullable=False),
    sa.Column('proposed', sa.JSON(), nullable=False),
    sa.Column('at', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['read_timepoint_id'], ['read_timepoint.id'], name=op.f('fk_mark_read_timepoint_id_read_timepoint')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mark'))
    )
    op.create_index(op.f('ix_mark_read_timepoint_id'), 'mark', ['read_timepoint_id'], unique=False)
    op.create_table('response_snapshot',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('read_timepoint_id', sa.String(length=36), nullable=False),
    sa.Column('rows', sa.JSON(), nullable=False),
    sa.Column('at', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['read_timepoint_id'], ['read_timepoint.id'], name=op.f('fk_response_snapshot_read_timepoint_id_read_timepoint')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_response_snapshot'))
    )
    op.create_index(op.f('ix_response_snapshot_read_timepoint_id'), 'response_snapshot', ['read_timepoint_id'], unique=False)
    op.create_table('slices_seen',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('read_timepoint_id', sa.String(length=36), nullable=False),
    sa.Column('series_uid', sa.Text(), nullable=False),
    sa.Column('bits', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['read_timepoint_id'], ['read_timepoint.id'], name=op.f('fk_slices_seen_read_timepoint_id_read_timepoint')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_slices_seen')),
    sa.UniqueConstraint('read_timepoint_id', 'series_uid', name=op.f('uq_slices_seen_read_timepoint_id_series_uid'))
    )
    op.create_index(op.f('ix_slices_seen_read_timepoint_id'), 'slices_seen', ['read_timepoint_id'], unique=False)
    op.create_table('timepoint_form',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('read_timepoint_id', sa.String(length=36), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('image_quality', sa.Text(), nullable=False),
    sa.Column('quality_reason', sa.Text(), nullable=False),
    sa.Column('non_target_coverage', sa.Text(), nullable=False),
    sa.Column('new_lesion_coverage', sa.Text(), nullable=False),
    sa.Column('comment', sa.Text(), nullable=False),
    sa.Column('warnings', sa.JSON(), nullable=False),
    sa.Column('stated', sa.JSON(), nullable=False),
    sa.Column('at', sa.Text(), nullable=False),
    sa.Column('voided', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['read_timepoint_id'], ['read_timepoint.id'], name=op.f('fk_timepoint_form_read_timepoint_id_read_timepoint')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_timepoint_form')),
    sa.UniqueConstraint('read_timepoint_id', 'version', name=op.f('uq_timepoint_form_read_timepoint_id_version'))
    )
    op.create_index(op.f('ix_timepoint_form_read_timepoint_id'), 'timepoint_form', ['read_timepoint_id'], unique=False)
    op.create_table('zone_form',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('read_timepoint_id', sa.String(length=36), nullable=False),
    sa.Column('zone_id', sa.String(length=36), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('judgement', sa.Text(), nullable=False),
    sa.Column('certainty', sa.Text(), nullable=False),
    sa.Column('answers', sa.JSON(), nullable=False),
    sa.Column('mark_id', sa.Text(), nullable=False),
    sa.Column('judged_after_margin', sa.Boolean(), nullable=False),
    sa.Column('at', sa.Text(), nullable=False),
    sa.Column('voided', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['read_timepoint_id'], ['read_timepoint.id'], name=op.f('fk_zone_form_read_timepoint_id_read_timepoint')),
    sa.ForeignKeyConstraint(['zone_id'], ['zone.id'], name=op.f('fk_zone_form_zone_id_zone')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_zone_form')),
    sa.UniqueConstraint('read_timepoint_id', 'zone_id', 'version', name=op.f('uq_zone_form_read_timepoint_id_zone_id_version'))
    )
    op.create_index(op.f('ix_zone_form_read_timepoint_id'), 'zone_form', ['read_timepoint_id'], unique=False)
    op.create_index(op.f('ix_zone_form_zone_id'), 'zone_form', ['zone_id'], unique=False)

    if op.get_bind().dialect.name == "sqlite":
        for statement in trigger_statements():
            op.execute(statement)


def downgrade() -> None:
    raise RuntimeError("the first schema has nothing before it")
