"""The city's map as data: areas (kelurahan) and the landmarks that people name."""

from django.db import models

from sigap.core.codes import CodeField


class Area(models.Model):
    """A kelurahan. The boundary is the city's own file once it was imported; until then
    cells are derived from the label points and called approximate."""

    code = CodeField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    district_code = CodeField(max_length=20)
    district = models.CharField(max_length=80)
    lat = models.FloatField()
    lng = models.FloatField()
    area_km2 = models.FloatField(null=True, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    neighbours = models.JSONField(default=list, blank=True)
    aliases = models.JSONField(default=list, blank=True)
    boundary = models.JSONField(null=True, blank=True)  # a GeoJSON geometry, lng before lat

    def __str__(self) -> str:
        return self.name


class Landmark(models.Model):
    """A place that callers name (patokan). Without a reliable point it counts for its area."""

    PRECISIONS = (("exact", "exact"), ("area", "area"))

    name = models.CharField(max_length=120)
    aliases = models.JSONField(default=list, blank=True)
    area = models.ForeignKey(Area, models.PROTECT, related_name="landmarks")
    lat = models.FloatField(null=True, blank=True)
    lng = models.FloatField(null=True, blank=True)
    precision = models.CharField(max_length=10, choices=PRECISIONS, default="area")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "area"], name="landmark_once"),
            models.CheckConstraint(
                condition=models.Q(lat__isnull=False, lng__isnull=False)
                | models.Q(precision="area"),
                name="exact_landmark_has_point",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def area_code(self) -> str:
        """The code of the kelurahan that it stands in."""
        return self.area.code


class RoadClosure(models.Model):
    """Roads or a bridge on which nobody drives: all that passes so near to a point. It holds until
    somebody lifts it; that its time has come only asks whether it still does."""

    version = models.IntegerField(default=0)
    lat = models.FloatField()
    lng = models.FloatField()
    radius_m = models.PositiveIntegerField()
    reason = models.CharField(max_length=32)
    names = models.CharField(max_length=200, blank=True)  # of the roads, where they are known
    closed_at = models.DateTimeField()
    check_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True, db_index=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["check_at"],
                condition=models.Q(lifted_at=None, check_at__isnull=False),
                name="closure_check",
            )
        ]


class RoadSpeeds(models.Model):
    """How fast units drive by the city's own trips; the last row is in force."""

    at = models.DateTimeField()
    trips = models.PositiveIntegerField()
    kinds = models.JSONField()  # km/h by kind of road
    periods = models.JSONField()  # factor by time of day
    error_before = models.FloatField()
    error_after = models.FloatField()
