"""A field that opens a calendar, its week and its months as the reader's language has them."""

from typing import Any

import dash_mantine_components as dmc

from dashboard.language import Language


def calendar(lang: Language, **field: Any) -> Any:
    """Return the field; `field` is what `dmc.DatePickerInput` takes."""
    return dmc.DatesProvider(
        dmc.DatePickerInput(**field), settings={"locale": "zh-cn" if lang.code == "zh" else "en", "firstDayOfWeek": 1}
    )
