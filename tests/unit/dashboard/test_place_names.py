"""Findings call doors and zones what the shop calls them."""

from dataclasses import replace

import pytest

from analytics.quality.findings import Code, Finding
from dashboard.components.attention import finding_texts
from dashboard.language import language
from tests.unit.dashboard.test_components import NOW, SHOP


@pytest.mark.parametrize(
    ("code", "subject", "said"),
    [
        ("level_fell", "door", "Door Main gate has counted 12% less than usual for days"),
        ("doors_overlap", "door, side", "Doors Main gate, side may be one: 12% of their entries fall together"),
        ("unassigned_zone", "wall", "Zone Shoe wall has no role"),
        ("camera_dark", "door", "Camera door sees nothing: its picture is dark"),
    ],
)
def test_a_finding_says_a_door_or_a_zone_as_people_call_it(code: Code, subject: str, said: str) -> None:
    shop = replace(SHOP, places={"line/door": "Main gate", "zone/wall": "Shoe wall", "zone/door": "not the line"})
    assert finding_texts(Finding(code, subject, 12.0, NOW), NOW, shop, language("en"), hours="")[0] == said
