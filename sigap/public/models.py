"""Who may report by a program, and what was published."""

from django.db import models


class ApiKey(models.Model):
    """The key of one program that reports for citizens, known by its hash only. Never deleted:
    reports name it by its number."""

    name = models.CharField(max_length=80, unique=True)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 of the key
    rate = models.IntegerField(default=60)  # requests a minute
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(rate__gt=0), name="api_key_rate_positive")
        ]

    def __str__(self) -> str:
        return self.name


class Edition(models.Model):
    """The figures of one month as they were published, and stay: counted anew they would tell, by
    the difference, of the one case that was corrected meanwhile. Nothing in it is of few."""

    month = models.DateField(unique=True)  # its first day
    made_at = models.DateTimeField()
    body = models.JSONField()
    digest = models.CharField(max_length=64)  # SHA-256 of the body; the journal has it too

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"
