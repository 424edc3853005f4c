"""What programs send and ask, checked."""

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, model_validator

from sigap.core import clock
from sigap.core.errors import Invalid
from sigap.core.web import Line, LocalTime

WINDOW = timedelta(days=90)
MOST = 1000  # of one page
MOST_NAMED = 100  # requests or services in one question


def _split(value: Any) -> Any:
    """ "a, b" as the specification writes lists."""
    if not isinstance(value, str):
        return value
    return [part.strip() for part in value.split(",") if part.strip()]


Short = Annotated[
    str, StringConstraints(max_length=64, strip_whitespace=True, pattern=r"^[^\x00-\x1f\x7f]*$")
]
Names = Annotated[list[Short], BeforeValidator(_split), Field(max_length=MOST_NAMED)]
Lat = Annotated[float, Field(ge=-90, le=90)]
Long = Annotated[float, Field(ge=-180, le=180)]


class Posted(BaseModel):
    """A report. Names as the specification has them; what it does not know stands last."""

    service_code: Short = ""
    lat: Lat | None = None
    long: Long | None = None
    address_string: Line = ""
    address_id: Short = ""
    description: str = ""
    first_name: Line = ""
    last_name: Line = ""
    email: Line = ""
    phone: Short = ""
    media_url: Annotated[str, StringConstraints(max_length=500, pattern=r"^(https?://\S+)?$")] = ""
    # Not shown to agencies and public; in no public list.
    anonymous: bool = False
    secret: bool = False
    idempotency_key: Annotated[str, StringConstraints(max_length=200)] = ""
    extensions: bool = False

    @model_validator(mode="after")
    def _has_a_place(self) -> "Posted":
        if (self.lat is None) != (self.long is None):
            raise Invalid(_("lat and long belong together."))
        if self.lat is None and not self.address_string and not self.address_id:
            raise Invalid(_("lat and long, address_string or address_id is needed."))
        return self

    @property
    def name(self) -> str:
        """Who reports, with the address for letters."""
        mail = f"<{self.email}>" if self.email else ""
        return " ".join(filter(None, (self.first_name, self.last_name, mail)))


class Asked(BaseModel):
    """Which requests somebody wants to see."""

    service_request_id: Names = []
    service_code: Names = []
    status: Annotated[list[Literal["open", "closed"]], BeforeValidator(_split)] = []
    start_date: LocalTime | None = None
    end_date: LocalTime | None = None
    updated_after: LocalTime | None = None
    updated_before: LocalTime | None = None
    lat: Lat | None = None
    long: Long | None = None
    radius: Annotated[float, Field(gt=0, le=50_000)] | None = None  # metres
    extensions: bool = False
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=MOST)] = MOST

    @model_validator(mode="after")
    def _fits_together(self) -> "Asked":
        if len({self.lat is None, self.long is None, self.radius is None}) > 1:
            raise Invalid(_("lat, long and radius belong together."))
        return self

    @property
    def filed(self) -> tuple[datetime, datetime] | None:
        """When they came: the last ninety days unless it is said, and never more; None where
        it is asked by the last change only."""
        if (self.updated_after or self.updated_before) and not (self.start_date or self.end_date):
            return None
        return _window(self.start_date, self.end_date)

    @property
    def updated(self) -> tuple[datetime, datetime] | None:
        """When they last changed; None where nobody asks."""
        if not (self.updated_after or self.updated_before):
            return None
        return _window(self.updated_after, self.updated_before)


def _window(start: datetime | None, end: datetime | None) -> tuple[datetime, datetime]:
    end = end or (min(start + WINDOW, clock.now()) if start else clock.now())
    start = start or end - WINDOW
    if end - start > WINDOW:
        raise Invalid(_("The time asked for is longer than ninety days."), code="window")
    return start, end
