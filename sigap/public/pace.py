"""How often one sender may come: a door that is open to all must not be held open by one."""

import ipaddress

import limits
from django.http import HttpRequest
from django.utils.translation import gettext as _

from sigap.core.errors import SigapError
from sigap.core.web import client_address

# Counted in this process: each of several servers counts for itself.
_counted = limits.strategies.MovingWindowRateLimiter(limits.storage.MemoryStorage())


class TooOften(SigapError):
    """One sender came more often than is fair."""

    code = "too_often"
    status = 429


def check_pace(what: str, who: str, most: str) -> None:
    """Count one of `what` by `who`; TooOften beyond `most`, which is like "10/hour"."""
    if not _counted.hit(limits.parse(most), what, who):
        raise TooOften(_("Too many at once. Try again later."))


def check_address(request: HttpRequest, what: str, most: str) -> None:
    """The same by where a request comes from; a whole mobile network may be one address."""
    check_pace(what, house_of(client_address(request)), most)


def house_of(address: str) -> str:
    """The address; of IPv6 the network of a house or a phone, in which one sender has more
    addresses than anybody could count."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return address
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False))
