from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("budgets", "0006_challenges_and_signals")]
    operations = [
        migrations.AlterField(
            model_name="elector",
            name="status",
            field=models.CharField(
                choices=[
                    ("eligible", "May vote"),
                    ("issued_paper", "Has a paper ballot"),
                    ("voted", "Has voted"),
                    ("struck", "Struck off"),
                    ("closed", "Other address of a deleted account that has voted"),
                ],
                default="eligible",
                max_length=20,
            ),
        ),
    ]
