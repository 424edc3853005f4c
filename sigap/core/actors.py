"""Who acts, and what a role may do. Nothing is allowed that is not listed here."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from .errors import Forbidden

if TYPE_CHECKING:
    from .models import User


class Role(StrEnum):
    """The roles of a 112 centre (Kepdirjen PPI 112/2019) plus evaluation and administration."""

    CALL_TAKER = "call_taker"
    DISPATCHER = "dispatcher"
    SUPERVISOR = "supervisor"
    AGENCY = "agency"
    AGENCY_HEAD = "agency_head"
    CREW = "crew"
    EVALUATOR = "evaluator"
    ADMINISTRATOR = "administrator"


class Permission(StrEnum):
    """What a view may ask for. A view names one; a role holds several."""

    PUBLIC = "public"  # nobody need be logged in
    ANYONE = "anyone"  # any logged-in person: own password, own language
    LIVE = "live"  # some live board; which ones, the next three say
    CONSOLE = "console"  # the live boards, with personal data
    WALL = "wall"  # the live boards without personal data
    TAKE_CALLS = "take_calls"
    MANAGE_INCIDENTS = "manage_incidents"
    DISPATCH = "dispatch"
    SUPERVISE = "supervise"
    HANDLE_COMPLAINTS = "handle_complaints"  # sort, send to agencies, check, put away
    AGENCY_BOARD = "agency_board"
    AGENCY_HEAD = "agency_head"  # what is late, who looks after what
    CREW_PAGE = "crew_page"
    STATION = "station"  # the station's screen, and pushes to one's own phone
    EVALUATE = "evaluate"
    SCORECARD = "scorecard"  # how an agency does; its own people see no other
    SIGN_REPORT = "sign_report"  # a report's findings: then its figures stand
    ADMINISTER = "administer"
    METRICS = "metrics"
    PROPOSE_WARNING = "propose_warning"  # write a public warning, propose it
    WARN = "warn"  # sign what somebody else has proposed: then all can read it
    LEGAL_HOLD = "legal_hold"  # keep a case's data beyond its period


P = Permission
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.CALL_TAKER: frozenset(
        {P.LIVE, P.CONSOLE, P.WALL, P.TAKE_CALLS, P.MANAGE_INCIDENTS, P.HANDLE_COMPLAINTS}
    ),
    Role.DISPATCHER: frozenset({P.LIVE, P.CONSOLE, P.WALL, P.MANAGE_INCIDENTS, P.DISPATCH}),
    Role.SUPERVISOR: frozenset(
        {
            P.LIVE,
            P.CONSOLE,
            P.WALL,
            P.TAKE_CALLS,
            P.MANAGE_INCIDENTS,
            P.DISPATCH,
            P.SUPERVISE,
            P.HANDLE_COMPLAINTS,
            P.PROPOSE_WARNING,
            P.WARN,
            P.LEGAL_HOLD,
            P.EVALUATE,
            P.SCORECARD,
            P.SIGN_REPORT,
        }
    ),
    Role.AGENCY: frozenset({P.LIVE, P.AGENCY_BOARD, P.STATION}),
    Role.AGENCY_HEAD: frozenset(
        {P.LIVE, P.AGENCY_BOARD, P.AGENCY_HEAD, P.PROPOSE_WARNING, P.SCORECARD, P.STATION}
    ),
    Role.CREW: frozenset({P.CREW_PAGE, P.STATION}),
    Role.EVALUATOR: frozenset({P.LIVE, P.EVALUATE, P.SCORECARD, P.SIGN_REPORT, P.WALL}),
    Role.ADMINISTRATOR: frozenset(
        {P.LIVE, P.ADMINISTER, P.LEGAL_HOLD, P.METRICS, P.EVALUATE, P.SCORECARD, P.WALL}
    ),
}

# A second factor is demanded of those who can change rights or take over others' work.
SECOND_FACTOR_ROLES = frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR})


# Whose people belong to one agency and see nothing of the others.
AGENCY_ROLES = frozenset({Role.AGENCY, Role.AGENCY_HEAD})


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: a person, a telephone exchange, a timer. `code` goes into the journal."""

    code: str
    permissions: frozenset[Permission] = frozenset()
    agency: str = ""
    unit: str = ""
    user_id: int | None = None

    def may(self, permission: Permission) -> bool:
        """Whether this actor holds `permission`."""
        return permission in self.permissions

    def person_id(self) -> int:
        """The account that acts; Forbidden where it is not a person who does."""
        if self.user_id is None:
            raise Forbidden(_("Only a signed-in person can do this."))
        return self.user_id

    def require(self, permission: Permission) -> None:
        """Raise Forbidden unless this actor holds `permission`."""
        if not self.may(permission):
            raise Forbidden(_("Your role does not allow this."))


def system(name: str) -> Actor:
    """The actor of a timer, an importer or a gateway, e.g. `system("timer")`: may do all
    that actions check, and is named in the journal as `system:timer`."""
    return Actor(code=f"system:{name}", permissions=frozenset(Permission))


def of_user(user: "User") -> Actor:
    """The actor that stands for a logged-in person."""
    held = {P.PUBLIC, P.ANYONE}
    for role in user.roles:
        held |= ROLE_PERMISSIONS.get(Role(role), frozenset())
    return Actor(
        code=f"user:{user.pk}",
        permissions=frozenset(held),
        agency=user.agency,
        unit=user.unit,
        user_id=user.pk,
    )
