"""Signs of life for machines: `/healthz`, `/readyz`, `/metrics`."""

import contextlib

from django.db import Error
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from sigap.calls.models import Call
from sigap.core import clock
from sigap.core.actors import Permission
from sigap.core.inbox import refused, waiting
from sigap.core.journal import tip_seq
from sigap.core.models import Alarm, JobRun
from sigap.core.queries import deployment
from sigap.core.transaction import database_answers
from sigap.core.web import view
from sigap.incidents.models import Incident


@view(Permission.PUBLIC)
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@view(Permission.PUBLIC)
def readyz(_request: HttpRequest) -> HttpResponse:
    """The process can do its work: the database answers and serves a city."""
    checks = {"database": database_answers(), "city": False}
    with contextlib.suppress(Error):
        checks["city"] = checks["database"] and deployment() is not None
    ready = all(checks.values())
    return JsonResponse(
        {"status": "ready" if ready else "not_ready", "checks": checks},
        status=200 if ready else 503,
    )


@view(Permission.METRICS)
def metrics(_request: HttpRequest) -> HttpResponse:
    """The figures of now as Prometheus text."""
    registry = CollectorRegistry()

    def gauge(name: str, what: str, *labels: str) -> Gauge:
        return Gauge(f"sigap_{name}", what, labels, registry=registry)

    gauge("journal_rows", "Number of the newest journal row").set(tip_seq())
    gauge("inbox_waiting", "Letters not understood yet").set(waiting())
    gauge("inbox_refused", "Letters that could not be carried out").set(refused().count())
    for model, name in ((Call, "calls"), (Incident, "incidents"), (Alarm, "alarms")):
        family = gauge(name, f"{name.title()} by state", "state")
        for row in model.objects.values("state").annotate(n=Count("id")):
            family.labels(row["state"]).set(row["n"])
    age = gauge("job_age_seconds", "Seconds since a job last ran", "job")
    for run in JobRun.objects.exclude(ended_at=None):
        if run.ended_at:
            age.labels(run.name).set((clock.now() - run.ended_at).total_seconds())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


urlpatterns = [
    path("healthz", healthz),
    path("readyz", readyz),
    path("metrics", metrics),
]
