"""All that may be done to units, what they carry, and the hospitals to which they drive."""

from .clock import mind_readiness as mind_readiness
from .equipment import Finding as Finding
from .equipment import change_equipment as change_equipment
from .equipment import check_unit as check_unit
from .equipment import define_kind as define_kind
from .equipment import equip as equip
from .equipment import erase_old_notes as erase_old_notes
from .hospitals import BEDS_MOST as BEDS_MOST
from .hospitals import count_beds as count_beds
from .hospitals import divert as divert
from .hospitals import say_receiving as say_receiving
from .standby import Proposed as Proposed
from .standby import answer_move_up as answer_move_up
from .standby import move_back as move_back
from .units import set_availability as set_availability
from .units import set_duty as set_duty
