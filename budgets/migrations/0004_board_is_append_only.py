"""The database refuses to change or delete a line of the board, whoever asks."""

from django.db import migrations

TABLE = "budgets_boardentry"
SQLITE = {
    "update": f"CREATE TRIGGER board_no_update BEFORE UPDATE ON {TABLE} BEGIN SELECT RAISE(ABORT, 'the board is append-only'); END",
    "delete": f"CREATE TRIGGER board_no_delete BEFORE DELETE ON {TABLE} BEGIN SELECT RAISE(ABORT, 'the board is append-only'); END",
}
FUNCTION = """
CREATE FUNCTION board_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the board is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$
"""
POSTGRESQL = [
    FUNCTION,
    f"CREATE TRIGGER board_no_change BEFORE UPDATE OR DELETE ON {TABLE} FOR EACH ROW EXECUTE FUNCTION board_is_append_only()",
    f"CREATE TRIGGER board_no_truncate BEFORE TRUNCATE ON {TABLE} FOR EACH STATEMENT EXECUTE FUNCTION board_is_append_only()",
]


def guard(apps, schema_editor):
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else SQLITE.values():
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP FUNCTION board_is_append_only() CASCADE")
        return
    for name in SQLITE:
        schema_editor.execute(f"DROP TRIGGER board_no_{name}")


class Migration(migrations.Migration):
    dependencies = [("budgets", "0003_urn_and_board")]
    operations = [migrations.RunPython(guard, unguard)]
