"""Authorizations, their entries and files, and the desk's numbers are only ever added to; the database itself says so."""

from django.db import migrations

TABLES = ("authorization", "authorizationentry", "authorizationfile", "desknumber")
SAID = "authorizations are only ever added to"


def sqlite(table):
    for verb in ("UPDATE", "DELETE"):
        yield (
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON web_{table} BEGIN SELECT RAISE(ABORT, '{SAID}'); END",
            f"DROP TRIGGER {table}_no_{verb.lower()}",
        )


def postgresql(table):
    for event, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        name = f"{table}_no_{'change' if each == 'ROW' else 'truncate'}"
        yield (
            f"CREATE TRIGGER {name} BEFORE {event} ON web_{table} FOR EACH {each} EXECUTE FUNCTION authorization_only_added()",
            f"DROP TRIGGER {name} ON web_{table}",
        )


def pairs(vendor):
    for table in TABLES:
        yield from {"sqlite": sqlite, "postgresql": postgresql}[vendor](table)


def guard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "postgresql":
        schema_editor.execute(
            "CREATE FUNCTION authorization_only_added() RETURNS trigger LANGUAGE plpgsql AS"
            f" $$ BEGIN RAISE EXCEPTION '{SAID}'; END $$"
        )
    for do, _ in pairs(vendor):
        schema_editor.execute(do)


def unguard(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    for _, undo in pairs(vendor):
        schema_editor.execute(undo)
    if vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION authorization_only_added()")


class Migration(migrations.Migration):
    dependencies = [("web", "0003_authorizations")]
    operations = [migrations.RunPython(guard, unguard)]
