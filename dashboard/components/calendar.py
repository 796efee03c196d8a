"""A field that opens a calendar, its week and its months as the reader's language has them."""

from typing import Any, Final

import dash_mantine_components as dmc

from dashboard.language import Language

#: A month is 2026年11月: what Mantine writes by itself, 十一月 2026, is an English month in Chinese words.
_HEADS: Final = {"zh": {"monthLabelFormat": "YYYY年M月", "yearLabelFormat": "YYYY年"}, "en": {}}


def calendar(lang: Language, **field: Any) -> Any:
    """Return the field; `field` is what `dmc.DatePickerInput` takes."""
    # Saturdays are days like others: what is red here needs somebody.
    settings: dict[str, Any] = {
        "locale": "zh-cn" if lang.code == "zh" else "en",
        "firstDayOfWeek": 1,
        "weekendDays": [],
    }
    return dmc.DatesProvider(dmc.DatePickerInput(**_HEADS[lang.code], **field), settings=settings)
