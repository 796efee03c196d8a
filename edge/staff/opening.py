"""From the site file to the judge of one camera."""

from typing import TYPE_CHECKING

from edge.config import CameraConfig
from edge.staff.colour import UniformColour
from edge.staff.judge import StaffJudge
from edge.staff.looks import WornCue
from edge.staff.marker import StaffMarker
from edge.staff.presence import StaffZone, StayTime
from edge.staff.settings import StaffConfig

if TYPE_CHECKING:
    from edge.staff.judge import StaffRule


def open_judge(camera: CameraConfig) -> StaffJudge:
    """Return the judge with the rules that `camera` sets; one without an opinion where it sets none."""
    staff = camera.staff or StaffConfig()
    zones = [(zone.polygon, zone.anchor or camera.anchor) for zone in camera.zones if zone.role == "staff"]
    rules: list[StaffRule] = []
    if zones:
        rules.append(StaffZone(zones, staff.zone_after_s))
    if staff.stay_after_min is not None:
        rules.append(StayTime(staff.stay_after_min * 60))
    if staff.uniform:
        rules.append(WornCue(UniformColour(staff.uniform, staff.uniform_share)))
    if staff.marker is not None:
        rules.append(WornCue(StaffMarker(staff.marker)))
    return StaffJudge(rules)
