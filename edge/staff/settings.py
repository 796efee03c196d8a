"""How staff are told in the site file: where they may go, how long they stay, what all of them wear."""

import colorsys
from collections.abc import Iterable
from typing import Annotated, Final

from msgspec import Meta, Struct

from edge.errors import ConfigError

COLOUR_PATTERN: Final = r"^#[0-9a-fA-F]{6}(?!\n)$"
Colour = Annotated[str, Meta(pattern=COLOUR_PATTERN, description="red, green and blue as #rrggbb")]

#: Paler or darker colours have no hue that a camera could tell from a visitor's black coat or white shirt.
SATURATION_MIN: Final = 0.4
VALUE_MIN: Final = 0.25


class StaffConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The rules; each holds for all members of staff alike.

    A zone of role `staff` sets the first by itself: who is in one for `zone_after_s` is staff. `stay_after_min`: who
    stays in view for so long is. `uniform`: whose clothes above the waist have one of these colours on at least
    `uniform_share` of their surface is. `marker`: who wears the printed ArUco marker of this number (DICT_4X4_50) is;
    one number for everybody, so that it says what somebody is and never who.
    """

    zone_after_s: Annotated[float, Meta(gt=0, le=3_600)] = 10.0
    stay_after_min: Annotated[float, Meta(ge=5, le=1_440)] | None = None
    uniform: Annotated[tuple[Colour, ...], Meta(max_length=4)] = ()
    uniform_share: Annotated[float, Meta(ge=0.1, le=1)] = 0.4
    marker: Annotated[int, Meta(ge=0, le=49)] | None = None

    @property
    def by_sight(self) -> bool:
        """Whether a rule needs people in sight for a while, wherever they are in the picture."""
        return self.stay_after_min is not None or bool(self.uniform) or self.marker is not None


def rgb(colour: str) -> tuple[float, float, float]:
    """Return red, green and blue, 0 to 1, of `#rrggbb`."""
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def check_uniform(where: str, colours: Iterable[str]) -> None:
    """Check that each colour can be told from what visitors wear.

    Raises:
        ConfigError: a colour is close to black, white or grey.
    """
    for colour in colours:
        _, saturation, value = colorsys.rgb_to_hsv(*rgb(colour))
        if saturation < SATURATION_MIN or value < VALUE_MIN:
            raise ConfigError(
                where,
                "staff.uniform",
                expected="a strong colour",
                got=f"{colour}, which is close to black, white or grey",
                advice="Half of the visitors wear those. Use a printed `marker`, or a zone of role `staff`.",
            )
