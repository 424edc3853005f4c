"""The database itself refuses to change or remove a journal row."""

from django.db import migrations

SQLITE = [
    """CREATE TRIGGER journal_no_update BEFORE UPDATE ON core_journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER journal_no_delete BEFORE DELETE ON core_journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    # INSERT OR REPLACE removes the old row without asking the trigger above; it finds that row
    # by its number or by SQLite's own.
    """CREATE TRIGGER journal_no_replace BEFORE INSERT ON core_journal
    WHEN EXISTS (SELECT 1 FROM core_journal WHERE seq = NEW.seq)
    OR EXISTS (SELECT 1 FROM core_journal WHERE rowid = NEW.rowid)
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
]
POSTGRESQL = [
    """CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$""",
    """CREATE TRIGGER journal_no_change BEFORE UPDATE OR DELETE ON core_journal
    FOR EACH ROW EXECUTE FUNCTION journal_is_append_only()""",
    """CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON core_journal
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()""",
]


def create(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("core", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
