"""The access log is only ever added to, and the database itself says so; and the shared cache's table."""

from django.core.management import call_command
from django.db import migrations

SQLITE = (
    "CREATE TRIGGER access_event_no_update BEFORE UPDATE ON web_accessevent"
    " BEGIN SELECT RAISE(ABORT, 'the access log is only ever added to'); END",
    "CREATE TRIGGER access_event_no_delete BEFORE DELETE ON web_accessevent"
    " BEGIN SELECT RAISE(ABORT, 'the access log is only ever added to'); END",
)
POSTGRESQL = (
    "CREATE FUNCTION access_event_only_added() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN RAISE EXCEPTION 'the access log is only ever added to'; END $$",
    "CREATE TRIGGER access_event_no_change BEFORE UPDATE OR DELETE ON web_accessevent"
    " FOR EACH ROW EXECUTE FUNCTION access_event_only_added()",
    "CREATE TRIGGER access_event_no_truncate BEFORE TRUNCATE ON web_accessevent"
    " FOR EACH STATEMENT EXECUTE FUNCTION access_event_only_added()",
)
UNDO = {
    "sqlite": ("DROP TRIGGER access_event_no_update", "DROP TRIGGER access_event_no_delete"),
    "postgresql": (
        "DROP TRIGGER access_event_no_change ON web_accessevent",
        "DROP TRIGGER access_event_no_truncate ON web_accessevent",
        "DROP FUNCTION access_event_only_added()",
    ),
}


def guard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[vendor]:
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def make_cache_table(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias)


class Migration(migrations.Migration):
    dependencies = [("web", "0001_initial")]
    operations = [
        migrations.RunPython(guard, unguard),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
    ]
