"""The days of the journal as they were published; the database refuses to change them."""

from django.db import migrations, models

SQLITE = [
    """CREATE TRIGGER day_no_update BEFORE UPDATE ON core_journalday
    BEGIN SELECT RAISE(ABORT, 'a published day stays'); END""",
    """CREATE TRIGGER day_no_delete BEFORE DELETE ON core_journalday
    BEGIN SELECT RAISE(ABORT, 'a published day stays'); END""",
    """CREATE TRIGGER day_no_replace BEFORE INSERT ON core_journalday
    WHEN EXISTS (SELECT 1 FROM core_journalday
        WHERE day = NEW.day OR last_seq = NEW.last_seq OR rowid = NEW.rowid)
    BEGIN SELECT RAISE(ABORT, 'a published day stays'); END""",
]
POSTGRESQL = [
    """CREATE TRIGGER day_no_change BEFORE UPDATE OR DELETE ON core_journalday
    FOR EACH ROW EXECUTE FUNCTION journal_is_append_only()""",
    """CREATE TRIGGER day_no_truncate BEFORE TRUNCATE ON core_journalday
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()""",
]


def create(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRESQL:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("core", "0003_pause")]
    operations = [
        migrations.CreateModel(
            name="JournalDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("first_seq", models.BigIntegerField()),
                ("last_seq", models.BigIntegerField(unique=True)),
                ("head", models.CharField(max_length=64)),
                ("root", models.CharField(max_length=64)),
                ("cases_root", models.CharField(max_length=64)),
                ("published_at", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(create, migrations.RunPython.noop),
    ]
