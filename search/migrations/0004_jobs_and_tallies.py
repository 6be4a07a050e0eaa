"""Runs of check, repair and rebuild with their progress, and what the workers have done since the beginning."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0003_own_terms"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AlterField(
            model_name="searchdocument",
            name="own",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=400),
                default=list,
                help_text="Terms without those above them",
                size=None,
            ),
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("total", models.BigIntegerField(default=0)),
            ],
            options={"verbose_name_plural": "tallies"},
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("check", "Check"), ("repair", "Repair"), ("rebuild", "Rebuild")], max_length=8
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting for a worker"),
                            ("running", "Running"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("stopped", "Stopped"),
                            ("lost", "Lost"),
                        ],
                        max_length=8,
                    ),
                ),
                ("asked_at", models.DateTimeField(db_default=Now())),
                ("started_at", models.DateTimeField(null=True)),
                ("finished_at", models.DateTimeField(null=True)),
                ("alive_until", models.DateTimeField()),
                ("step", models.CharField(blank=True, max_length=60)),
                ("done", models.PositiveBigIntegerField(default=0)),
                ("of", models.PositiveBigIntegerField(default=0)),
                (
                    "differences",
                    models.PositiveBigIntegerField(help_text="Left when a check or repair ended", null=True),
                ),
                ("result", models.JSONField(default=dict)),
                ("error", models.TextField(blank=True)),
                (
                    "started_by",
                    models.ForeignKey(
                        help_text="Empty for the command line",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(
                        models.Value(1),
                        condition=models.Q(("state__in", ["waiting", "running"])),
                        name="search_job_one_at_a_time",
                    )
                ],
            },
        ),
    ]
