"""What the city wants to reach."""

from django.db import models

from sigap.core.codes import CodeField

CLOCKS = ("answer", "processing", "turnout", "travel", "total")


class Target(models.Model):
    """A time to keep on one of the five clocks: a share within seconds, or a mean.

    `group` is a group of incident types or a kind of agency; "" is for all.
    """

    STATISTICS = (("share", "share"), ("mean", "mean"))

    clock = models.CharField(max_length=12, choices=[(c, c) for c in CLOCKS])
    group = CodeField(max_length=20, blank=True)
    percent = models.IntegerField(default=90)
    seconds = models.IntegerField()
    statistic = models.CharField(max_length=8, choices=STATISTICS, default="share")
    source = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["clock", "group", "statistic", "percent", "seconds"], name="target_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.clock} {self.group} {self.percent} % {self.seconds} s"
