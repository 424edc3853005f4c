"""What the journal says of devices, and of units that were seen somewhere. Never where."""

from ..codes import Code
from .body import Body


class DeviceChanged(Body):
    """A device of a unit that was made, got another token, or is listened to no more."""

    unit: Code
    kind: Code


class UnitSeen(Body):
    """A unit that two exact positions show near its incident, or gone from where it was told:
    how far. A person decides what it means."""

    unit: Code
    device: int
    metres: int


POSITION_KINDS: dict[str, type[Body]] = {
    "device.made": DeviceChanged,
    "device.renewed": DeviceChanged,
    "device.revoked": DeviceChanged,
    "assignment.seen_near": UnitSeen,
    "assignment.seen_leaving": UnitSeen,
}
