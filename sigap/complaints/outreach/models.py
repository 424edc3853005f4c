"""Events of outreach."""

from django.db import models
from django.db.models import Q

from sigap.core.models import Text, User
from sigap.places.models import Area

AUDIENCES = ("rt_rw", "pkk", "lpmk", "karang_taruna", "school", "other")
MATERIALS = ("emergency", "prank", "complaints", "whatsapp", "first_aid", "fire", "disaster")


class Outreach(models.Model):
    """One event: in a kelurahan, or for the whole city."""

    version = models.IntegerField(default=0)
    day = models.DateField(db_index=True)
    area = models.ForeignKey(Area, models.PROTECT, null=True, related_name="+")
    audience = models.CharField(max_length=16)
    people = models.IntegerField()
    materials = models.JSONField(default=list)
    note = models.ForeignKey(Text, models.SET_NULL, null=True, related_name="+")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(audience__in=AUDIENCES), name="outreach_audience_known"
            ),
            models.CheckConstraint(condition=Q(people__gte=0), name="outreach_people"),
        ]
