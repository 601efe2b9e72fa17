"""A tally says how many strikes it knows of; and SQLite refuses to push an entry out of the board by a REPLACE.

A provisional result of a round in which ballots were struck out is counted again: its tallies do not know of the strikes.
"""

from django.db import migrations, models

TABLE = "budgets_boardentry"
NO_REPLACE = f"""
CREATE TRIGGER board_no_replace BEFORE INSERT ON {TABLE}
WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE id = NEW.id OR (round_id = NEW.round_id AND seq = NEW.seq))
BEGIN SELECT RAISE(ABORT, 'the board is append-only'); END
"""  # noqa: S608 - a name of ours


def guard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(NO_REPLACE)


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TRIGGER board_no_replace")


def count_again(apps, schema_editor):
    struck = apps.get_model("budgets", "BoardEntry").objects.filter(kind="strike").values("round")
    certified = apps.get_model("budgets", "Result").objects.filter(state="certified").values("pot__round")
    rounds = apps.get_model("budgets", "Round").objects.filter(pk__in=struck).exclude(pk__in=certified)
    rounds.update(recount_due=True)


class Migration(migrations.Migration):
    dependencies = [("budgets", "0007_electors_of_deleted_accounts")]
    operations = [
        migrations.AddField(model_name="tally", name="strikes", field=models.PositiveIntegerField(default=0)),
        migrations.RunPython(guard, unguard),
        migrations.RunPython(count_again, migrations.RunPython.noop),
    ]
