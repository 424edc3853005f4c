from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reviews", "0002_notes")]
    operations = [
        migrations.AddField("digest", "channel", models.CharField(default="mail", max_length=8)),
        migrations.AddField("digest", "reader", models.SmallIntegerField(default=0)),
        migrations.AlterField("digest", "week", models.DateField()),
        migrations.AddConstraint(
            "digest",
            models.UniqueConstraint(fields=("week", "channel", "reader"), name="digest_once"),
        ),
    ]
