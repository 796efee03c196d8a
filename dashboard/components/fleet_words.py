"""Words for how a box stands, and for what of it needs somebody."""

from datetime import datetime
from typing import Final

from analytics.definitions import mark
from analytics.fleet.devices import Device
from analytics.fleet.fleet import Compliance, FleetBox, Need, Standing
from analytics.stores import Store
from contract.messages import Trouble
from dashboard.language import NOTHING, Language

STANDINGS: Final[dict[Standing, str]] = {
    "enrolled": mark("enrolled"),
    "expired": mark("its certificate has ended"),
    "code waiting": mark("its code waits to be used"),
    "code expired": mark("its code has expired"),
    "revoked": mark("shut out"),
    "store closed": mark("store closed"),
    "local": mark("not enrolled"),
}
#: How a box's configuration is with what head office wants of it.
COMPLIANCES: Final[dict[Compliance, str]] = {
    "own": mark("its own: nothing is wanted"),
    "current": mark("as wanted"),
    "behind": mark("not taken yet"),
    "pending": mark("on trial"),
    "refused": mark("not taken"),
    "rolled_back": mark("taken back"),
    "edited": mark("changed on the box"),
}
_SIGNALS: Final[dict[str, str]] = {
    "live": mark("live"),
    "stale": mark("{age} old"),
    "offline": mark("offline since {at}"),
    "stopped": mark("stopped at {at}"),
    "revoked": mark("shut out"),
    "none": mark("never heard from"),
}
_TROUBLES: Final[dict[Trouble, str]] = {
    "dark": mark("{camera} sees nothing"),
    "covered": mark("{camera} is covered"),
    "frozen": mark("{camera} stands still"),
    "moved": mark("{camera} was moved"),
    "overexposed": mark("{camera} is too bright"),
    "blurred": mark("{camera} is blurred"),
}
_NEEDS: Final[dict[Need, str]] = {
    "crashing": mark("its program keeps crashing"),
    "set_up": mark("it did not take its set-up"),
    "enrolment": mark("it has to be enrolled again"),
}


def signal_name(device: Device, now: datetime) -> str:
    """Return the name of the device's signal; one that was stopped on purpose is `stopped`, not offline."""
    signal = device.signal(now)
    return "stopped" if signal == "offline" and device.state == "stopped" else signal


def signal_words(device: Device, store: Store, now: datetime, lang: Language) -> str:
    """Return whether it is heard from, in words; times are the store's."""
    values: dict[str, str] = {}
    if device.heard_at is not None:
        values = {
            "age": lang.duration((now - device.heard_at).total_seconds()),
            "at": lang.when(device.heard_at, now, store.zone),
        }
    return lang.t(_SIGNALS[signal_name(device, now)], **values)


def need_words(box: FleetBox, now: datetime, lang: Language) -> list[str]:
    """Return what of the box needs somebody, the most urgent first; that it is silent its signal says."""
    said: list[str] = []
    for need in box.needs(now):
        if need == "camera":
            said += [words for camera in box.device.cameras if (words := _camera(camera, lang))]
        elif need in _NEEDS:
            said.append(lang.t(_NEEDS[need]))
    return said


def _camera(camera: tuple[str, bool, float, Trouble | None], lang: Language) -> str:
    code, up, _, trouble = camera
    if trouble:
        return lang.t(_TROUBLES[trouble], camera=code)
    return "" if up else lang.t("{camera} gives no picture", camera=code)


def compliance_words(box: FleetBox, lang: Language) -> str:
    """Return how its configuration is with what is wanted of it, and which standard that is."""
    words, standard = lang.t(COMPLIANCES[box.compliance]), box.wanted.standard
    return words if standard is None else f"{words} · {standard}"


def version_words(box: FleetBox) -> str:
    """Return the version that runs, and the one that is wanted where that is another."""
    running, wanted = box.device.version or NOTHING, box.application_due
    return running if wanted is None else f"{running} → {wanted}"
