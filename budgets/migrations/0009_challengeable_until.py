from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("budgets", "0008_counts_know_strikes")]
    operations = [
        migrations.AddField(
            model_name="round",
            name="challengeable_until",
            field=models.DateTimeField(editable=False, null=True),
        ),
    ]
