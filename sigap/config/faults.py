"""What is answered instead of what was asked for: in the user's language, as JSON to programs
and as a page to people, and never with the words of an exception."""

import sys

from django.core.exceptions import PermissionDenied, RequestDataTooBig, TooManyFieldsSent
from django.db import DatabaseError, DataError, InterfaceError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.utils.translation import gettext as _

from sigap.core.errors import Busy, Forbidden, Invalid, Missing, SigapError
from sigap.core.web import error_response


def refusal_of(error: BaseException | None) -> SigapError | None:
    """What an exception means to whoever asked; None when it is a fault of ours."""
    match error:
        case SigapError():
            return error
        case Http404():
            return Missing(_("There is nothing at this address."))
        case PermissionDenied():
            return Forbidden(_("Your role does not allow this."))
        case RequestDataTooBig() | TooManyFieldsSent():
            return _with_status(413, _("Too much was sent at once."), "too_large")
        case UnreadablePostError():
            return Invalid(_("The request was cut off."), code="cut_off")
        case DataError():  # too long, or with a character that it does not keep
            return Invalid(_("The database cannot keep this text; nothing was saved."))
        case DatabaseError() | InterfaceError():
            return Busy(_("The database cannot store this now; nothing was saved. Try again."))
    return None


def not_understood(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request breaks the rules of HTTP or of forms."""
    refusal = refusal_of(exception)
    return error_response(request, refusal or Invalid(_("The request was not understood.")))


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403, where no view of ours says so."""
    return error_response(request, Forbidden(_("Your role does not allow this.")))


def not_there(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no address like this."""
    return error_response(request, Missing(_("There is nothing at this address.")))


def crashed(request: HttpRequest) -> HttpResponse:
    """500: a fault of ours, or of the database before any view was reached."""
    fault = _with_status(500, _("Something broke here. It is in the log. Try again."), "fault")
    return error_response(request, refusal_of(sys.exception()) or fault)


def _with_status(status: int, message: str, code: str) -> SigapError:
    error = SigapError(message, code=code)
    error.status = status
    return error
