"""The site file: what it accepts, and how it says no."""

import re
from pathlib import Path
from typing import Any

import pytest

from edge.config import (
    AuditConfig,
    BrokerConfig,
    CameraConfig,
    LineConfig,
    OutboxConfig,
    SiteConfig,
    ZoneConfig,
    check_geometry,
    load_site,
    parse_site,
)
from edge.errors import ConfigError
from edge.staff.settings import StaffConfig

EXAMPLE = Path(__file__).parents[3] / "edge" / "site.example.toml"


def site(**changes: Any) -> dict[str, Any]:
    camera = {"name": "door", "source": "clip.mp4"} | changes.pop("camera", {})
    return {"store": "riverside", "device": "box", "cameras": [camera]} | changes


def test_the_annotated_example_loads() -> None:
    loaded = load_site(EXAMPLE)
    assert loaded.cameras[0].lines[0].points == ((340, 180), (340, 370))
    assert loaded.cameras[0].lines[1].anchor == "centre"
    assert loaded.cameras[1].loop


def test_the_example_shows_every_key() -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    for struct in (
        SiteConfig,
        BrokerConfig,
        OutboxConfig,
        AuditConfig,
        CameraConfig,
        LineConfig,
        ZoneConfig,
        StaffConfig,
    ):
        for field in struct.__struct_fields__:
            assert f"{field} =" in text or f"{field}]" in text, f"{field} of {struct.__name__} is not shown"


LINE = {"name": "a", "points": [[1, 2], [3, 4]]}
ZONE = {"name": "z", "polygon": [[0, 0], [9, 0], [9, 9]]}


def line(**changes: Any) -> dict[str, Any]:
    return {"camera": {"lines": [LINE | changes]}}


def zone(**changes: Any) -> dict[str, Any]:
    return {"camera": {"zones": [ZONE | changes]}}


@pytest.mark.parametrize(
    ("changes", "key", "said"),
    [
        ({"camera": {"fsp": 5}}, "cameras[0].fsp", "a known key, got an unknown one. Remove or correct it."),
        ({"cameras": [{"name": "d"}]}, "cameras[0].source", "a value, got nothing. Add this key."),
        (
            line(role="entrence"),
            "cameras[0].lines[0].role",
            'one of "entrance", "internal", "pass_by", got \'entrence\'',
        ),
        (line(role=3), "cameras[0].lines[0].role", 'one of "entrance", "internal", "pass_by", got 3'),
        (line(anchor="head"), "cameras[0].lines[0].anchor", 'one of "centre", "foot", got \'head\''),
        (zone(role="table"), "cameras[0].zones[0].role", 'one of "engagement", "queue", "staff", got \'table\''),
        ({"camera": {"anchor": "head"}}, "cameras[0].anchor", 'one of "centre", "foot", got \'head\''),
        ({"camera": {"fps": "5"}}, "cameras[0].fps", "a number, got '5'"),
        ({"camera": {"fps": 0}}, "cameras[0].fps", "a number above 0, got 0"),
        ({"camera": {"fps": 500}}, "cameras[0].fps", "a number of at most 120, got 500"),
        ({"camera": {"confidence": 1}}, "cameras[0].confidence", "a number below 1, got 1"),
        ({"camera": {"threads": 1.5}}, "cameras[0].threads", "a whole number, got 1.5"),
        ({"camera": {"loop": "yes"}}, "cameras[0].loop", "true or false, got 'yes'"),
        ({"camera": {"model": ""}}, "cameras[0].model", "text that is not empty, got ''"),
        ({"camera": {"source": "x" * 1_001}}, "cameras[0].source", "text of at most 1000 characters, got 'xxx"),
        ({"camera": {"lines": {}}}, "cameras[0].lines", "a list, got {}"),
        ({"camera": {"lines": [3]}}, "cameras[0].lines[0]", "a table, got 3"),
        ({"camera": {"lines": [LINE] * 65}}, "cameras[0].lines", "a list of at most 64, got a list of 65"),
        (line(points=[[1, 2]]), "cameras[0].lines[0].points", "a list of exactly 2, got [[1, 2]]"),
        (line(points=[[1, "a"], [3, 4]]), "cameras[0].lines[0].points[0][1]", "a number, got 'a'"),
        (line(points=[[1, -1], [3, 4]]), "cameras[0].lines[0].points[0][1]", "a number of at least 0, got -1"),
        (zone(polygon=[[0, 0]]), "cameras[0].zones[0].polygon", "a list of at least 3, got [[0, 0]]"),
        ({"store": "My Shop"}, "store", "a lower-case slug (a-z, 0-9, - and _ inside), got 'My Shop'"),
        ({"store": 3}, "store", "text, got 3"),
        ({"broker": 3}, "broker", "a table, got 3"),
        ({"broker": {"username": 3}}, "broker.username", "text, got 3"),
        ({"broker": {"port": 0}}, "broker.port", "a whole number of at least 1, got 0"),
        ({"cameras": []}, "cameras", "a list of at least 1, got []"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key(changes: dict[str, Any], key: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        parse_site(site(**changes), where="site.toml")
    assert refused.value.key == key
    assert str(refused.value).startswith(f"site.toml: `{key}`: expected {said}")


def test_a_missing_key_is_named() -> None:
    with pytest.raises(ConfigError, match="`device`: expected a value, got nothing"):
        parse_site({"store": "riverside", "cameras": site()["cameras"]}, where="site.toml")


@pytest.mark.parametrize("kind", ["lines", "zones"])
def test_a_name_used_twice_on_one_device_is_refused(kind: str) -> None:
    shape = {"lines": {"points": [[0, 0], [9, 9]]}, "zones": {"polygon": [[0, 0], [9, 0], [9, 9]]}}[kind]
    cameras = [{"name": name, "source": "x", kind: [{"name": "door"} | shape]} for name in ("a", "b")]
    with pytest.raises(ConfigError, match="`door` twice"):
        parse_site(site(cameras=cameras), where="site.toml")


def test_two_entrance_lines_on_one_door_are_refused_and_both_cameras_are_named() -> None:
    shape = {"points": [[0, 0], [9, 9]]}
    cameras = [
        {"name": "hall", "source": "x", "lines": [{"name": "main"} | shape]},
        {"name": "street", "source": "x", "lines": [{"name": "other", "door": "main"} | shape]},
    ]
    said = "line main of camera hall and line other of camera street.*It would count everybody twice"
    with pytest.raises(ConfigError, match=said):
        parse_site(site(cameras=cameras), where="site.toml")
    cameras[1]["lines"] = [{"name": "other", "role": "internal"} | shape]
    parse_site(site(cameras=cameras), where="site.toml")


def test_a_door_on_a_line_that_is_no_entrance_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"`door` on an entrance line only, got a pass_by line"):
        parse_site(site(**line(role="pass_by", door="main")), where="site.toml")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {"role": "engagement", "served_towards": [5, 5]},
            "on a queue zone only, got role engagement",
        ),
        (
            {"role": "queue", "served_towards": [8, 2]},
            r"outside the zone, got \(8.*leave out the till",
        ),
    ],
)
def test_a_till_that_cannot_tell_who_was_served_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        parse_site(site(**zone(**changes)), where="site.toml")


def test_a_line_of_one_point_is_refused() -> None:
    with pytest.raises(ConfigError, match="two different points"):
        parse_site(site(camera={"lines": [{"name": "door", "points": [[5, 5], [5, 5]]}]}), where="site.toml")


def test_two_sources_of_the_password_are_refused() -> None:
    with pytest.raises(ConfigError, match="both"):
        parse_site(site(broker={"password_env": "A", "password_file": "b"}), where="site.toml")


def test_an_unreadable_file_is_told_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml.*footfall edge init SOURCE --site"):
        load_site(tmp_path / "absent.toml")
    (tmp_path / "torn.toml").write_text("store = ")
    with pytest.raises(ConfigError, match=r"torn\.toml: expected TOML"):
        load_site(tmp_path / "torn.toml")


def test_relative_paths_are_beside_the_site_file_wherever_the_agent_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = """
store = "riverside"
device = "box"
broker = { username = "box", password_file = "password", tls_ca = "/etc/footfall/ca.pem" }
cameras = [{ name = "door", source = "clip.mp4" }]
"""
    (tmp_path / "box").mkdir()
    (tmp_path / "box" / "site.toml").write_text(text, encoding="utf-8")
    loaded = []
    for start, path in ((tmp_path, "box/site.toml"), (tmp_path / "box", "site.toml")):
        monkeypatch.chdir(start)
        loaded.append(load_site(path))
    assert loaded[0] == loaded[1]
    assert loaded[0].outbox.path == str(tmp_path / "box" / "footfall-outbox.sqlite")
    assert loaded[0].broker.password_file == str(tmp_path / "box" / "password")
    assert loaded[0].broker.tls_ca == "/etc/footfall/ca.pem"
    assert loaded[0].broker.tls_key is None


def test_a_line_out_of_the_frame_names_line_point_and_frame() -> None:
    camera = CameraConfig(name="door", source="x", lines=(LineConfig(name="road", points=((10, 10), (900, 10))),))
    with pytest.raises(ConfigError, match=r"road.*point 2 inside the frame of 768 x 576.*\(900, 10\).*Draw it"):
        check_geometry(camera, (768, 576))
    check_geometry(camera, (900, 576))


def test_a_zone_out_of_the_frame_is_refused() -> None:
    table = ZoneConfig(name="table", polygon=((0, 0), (10, 0), (10, 700)))
    with pytest.raises(ConfigError, match=r"zone table.*point 3"):
        check_geometry(CameraConfig(name="door", source="x", zones=(table,)), (768, 576))


def test_staff_rules_of_the_site_hold_on_every_camera_without_its_own() -> None:
    own = {"marker": 3}
    cameras = [{"name": "door", "source": "usb:0"}, {"name": "till", "source": "usb:1", "staff": own}]
    loaded = parse_site(site(cameras=cameras, staff={"uniform": ["#c8102e"]}), where="site.toml")
    assert [camera.staff for camera in loaded.cameras] == [StaffConfig(uniform=("#c8102e",)), StaffConfig(marker=3)]
    assert parse_site(site(), where="site.toml").cameras[0].staff is None


@pytest.mark.parametrize(
    ("staff", "said"),
    [
        ({"uniform": ["red"]}, 'a colour like "#c8102e"'),
        ({"uniform": ["#202020"]}, "a strong colour, got #202020, which is close to black, white or grey"),
        ({"marker": [3, 4]}, "a whole number"),
        ({"marker": 50}, "49"),
    ],
)
def test_a_cue_that_cannot_tell_staff_or_would_tell_them_apart_is_refused(staff: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(said)):
        parse_site(site(staff=staff), where="site.toml")


def test_groups_are_told_at_entrance_lines_only() -> None:
    assert LineConfig(name="a", points=((1, 2), (3, 4))).tells_groups
    assert not LineConfig(name="a", points=((1, 2), (3, 4)), groups=False).tells_groups
    assert not LineConfig(name="a", points=((1, 2), (3, 4)), role="pass_by").tells_groups
    with pytest.raises(ConfigError, match="`groups` on an entrance line only"):
        parse_site(site(**line(role="pass_by", groups=True)), where="site.toml")
