"""A standard is laid over a store's own set-up and takes nothing from it."""

from typing import Any

import pytest

from contract.errors import MalformedError
from contract.standard import laid_over, settings_of

SITE: dict[str, Any] = {
    "staff": {"marker": 7},
    "cameras": [
        {
            "name": "door",
            "source": "rtsp://10.0.0.20/1",
            "fps": 10,
            "lines": [
                {"name": "front", "points": [[1, 2], [3, 4]]},
                {"name": "street", "role": "pass_by", "points": [[5, 6], [7, 8]]},
            ],
        },
        {"name": "till", "source": "usb:0", "zones": [{"name": "queue", "role": "queue", "engaged_after_s": 3}]},
    ],
}


def test_what_is_said_by_name_lies_over_what_is_said_for_all() -> None:
    settings = settings_of(
        '[cameras."*"]\nfps = 8\nthreads = 2\n[cameras.till]\nfps = 4\n'
        '[cameras."*".zones."*"]\nengaged_after_s = 9\n[cameras.till.zones.queue]\nengaged_after_s = 12\n'
    )
    door, till = laid_over(settings, SITE)["cameras"]
    assert (door["fps"], door["threads"], till["fps"], till["threads"]) == (8, 2, 4, 2)
    assert till["zones"] == [{"name": "queue", "role": "queue", "engaged_after_s": 12.0}]
    assert (door["source"], door["lines"]) == (SITE["cameras"][0]["source"], SITE["cameras"][0]["lines"])
    assert SITE["cameras"][0]["fps"] == 10, "the store's own is not touched"


def test_groups_for_every_line_mean_the_entrances() -> None:
    door = laid_over(settings_of('[cameras."*".lines."*"]\ngroups = false\nanchor = "centre"\n'), SITE)["cameras"][0]
    assert [line.get("groups") for line in door["lines"]] == [False, None]
    assert [line["anchor"] for line in door["lines"]] == ["centre", "centre"]


def test_staff_rules_add_to_the_store_s() -> None:
    merged = laid_over(settings_of('[staff]\nuniform = ["#c8102e"]\n'), SITE)
    assert merged["staff"] == {"marker": 7, "uniform": ["#c8102e"]}


def test_names_that_a_store_does_not_have_and_an_empty_standard_change_nothing() -> None:
    assert laid_over(settings_of("[cameras.roof]\nfps = 1\n"), SITE) == SITE
    assert laid_over(settings_of(""), SITE) == SITE


@pytest.mark.parametrize(
    "text",
    [
        '[cameras."*"]\nsource = "usb:0"\n',
        '[cameras.door]\nname = "other"\n',
        '[cameras."*".lines.front]\npoints = [[0, 0], [1, 1]]\n',
        '[cameras."*".zones."*"]\nrole = "queue"\n',
        '[cameras."*".lines."*"]\ndoor = "main"\n',
        '[broker]\nhost = "elsewhere"\n',
        '[cameras."*"]\nfps = -1\n',
        '[cameras."Door One"]\nfps = 1\n',
        "[cameras",
    ],
)
def test_what_is_the_store_s_own_or_nobody_s_is_refused(text: str) -> None:
    with pytest.raises(MalformedError, match="standard: "):
        settings_of(text)
