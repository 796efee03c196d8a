"""`footfall edge check-config` and `init`: each answer tells what to do."""

import json
import logging
import re
import socket
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from deploy.cli.edge import app
from deploy.cli.main import app as footfall
from edge.config import load_site, parse_site
from edge.errors import ConfigError, NobodySeenError, OutboxError
from edge.publishing.sqlite_outbox import SqliteOutbox
from tests.support.servers import RunningBroker

RUNNER = CliRunner()


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "000.png"), np.zeros((48, 64, 3), np.uint8))
    return folder


def write_site(
    folder: Path,
    pictures: Path,
    broker: RunningBroker,
    *,
    x: int = 10,
    model: str = "motion",
    password: str | None = None,
) -> Path:
    url = urlsplit(broker.device_url)
    (folder / "password").write_text(password or url.password or "", encoding="utf-8")
    path = folder / "site.toml"
    path.write_text(
        f"""
store = "riverside"
device = "door-box"
outbox.path = "{folder}/outbox.sqlite"
broker.host = "127.0.0.1"
broker.port = {broker.port}
broker.username = "{url.username}"
broker.password_file = "{folder}/password"
[[cameras]]
name = "door"
source = "{pictures}"
model = "{model}"
lines = [{{ name = "front-door", points = [[{x}, 0], [{x}, 40]] }}]
""",
        encoding="utf-8",
    )
    return path


def findings(site: Path, *options: str) -> tuple[int, list[dict[str, str]]]:
    result = RUNNER.invoke(app, ["check-config", "--site", str(site), "--json", "--timeout", "3", *options])
    return result.exit_code, json.loads(result.stdout)["findings"]


def test_a_site_that_works_passes(broker: RunningBroker, pictures: Path, tmp_path: Path) -> None:
    site = write_site(tmp_path, pictures, broker)
    assert findings(site) == (0, [])
    plain = RUNNER.invoke(app, ["check-config", "--site", str(site)])
    assert f"✓ {site}: riverside/door-box, 1 camera\n" in plain.stdout
    assert "✓ camera door: 64 x 48, 1 line, 0 zones in frame" in plain.stdout


def test_an_agent_that_runs_on_the_outbox_is_told(broker: RunningBroker, pictures: Path, tmp_path: Path) -> None:
    site = write_site(tmp_path, pictures, broker)
    held = SqliteOutbox(tmp_path / "outbox.sqlite")
    plain = RUNNER.invoke(app, ["check-config", "--site", str(site)])
    assert plain.exit_code == 0
    assert "outbox.sqlite: an agent is running on it; a second one would not start" in plain.stdout
    with pytest.raises(OutboxError, match=r"another agent is running on it\. Stop that one"):
        SqliteOutbox(tmp_path / "outbox.sqlite")
    held.close()
    plain = RUNNER.invoke(app, ["check-config", "--site", str(site)])
    assert "outbox.sqlite: can be written" in plain.stdout


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ('pin_file = "short"', "expected a PIN of at least 6 characters in file"),
        ('pin_file = "missing"', "the audit page's PIN cannot be read"),
        ('pin_env = "FOOTFALL_NO_SUCH_PIN"', "in variable FOOTFALL_NO_SUCH_PIN, got 0"),
        ("", "the audit page cannot listen on 127.0.0.1:"),
    ],
)
def test_an_audit_page_that_could_not_be_served_is_found(
    broker: RunningBroker, pictures: Path, tmp_path: Path, setting: str, told: str
) -> None:
    (tmp_path / "short").write_text("12", encoding="utf-8")
    site = write_site(tmp_path, pictures, broker)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = 0 if setting else other.getsockname()[1]
        audit = f'audit = {{ enabled = true, listen = "127.0.0.1:{port}"{", " if setting else ""}{setting} }}\n'
        site.write_text(audit + site.read_text(encoding="utf-8"), encoding="utf-8")
        code, (found,) = findings(site)
    assert (code, found["about"], found["severity"]) == (1, "audit", "error")
    assert told in found["problem"]


def test_an_audit_page_that_can_be_served_passes_and_so_does_that_of_the_agent_that_runs(
    broker: RunningBroker, pictures: Path, tmp_path: Path
) -> None:
    site = write_site(tmp_path, pictures, broker)
    with socket.create_server(("127.0.0.1", 0)) as other:
        listen = f"127.0.0.1:{other.getsockname()[1]}"
        audit = f'audit = {{ enabled = true, listen = "{listen}" }}\n'
        site.write_text(audit + site.read_text(encoding="utf-8"), encoding="utf-8")
        held = SqliteOutbox(tmp_path / "outbox.sqlite")
        assert findings(site) == (0, [])
        held.close()
    plain = RUNNER.invoke(app, ["check-config", "--site", str(site)])
    assert f"✓ audit {listen}: can be served" in plain.stdout


def test_an_outbox_that_cannot_be_opened_is_found(broker: RunningBroker, pictures: Path, tmp_path: Path) -> None:
    site = write_site(tmp_path, pictures, broker)
    (tmp_path / "outbox.sqlite").mkdir()
    code, (found,) = findings(site)
    assert (code, found["about"]) == (1, "outbox")
    assert "choose another `path` in [outbox]" in found["problem"]


def test_a_line_out_of_the_frame_is_found(broker: RunningBroker, pictures: Path, tmp_path: Path) -> None:
    code, (found,) = findings(write_site(tmp_path, pictures, broker, x=99))
    assert (code, found["about"]) == (1, "camera")
    assert (found["code"], found["severity"]) == ("line_outside_frame", "error")
    assert (found["camera"], found["line"]) == ("door", "front-door")
    assert "64 x 48 pixels" in found["message"]
    assert found["advice"] == "Draw it inside the picture"


def test_a_line_near_the_edge_is_a_warning_and_the_site_still_passes(
    broker: RunningBroker, pictures: Path, tmp_path: Path
) -> None:
    site = write_site(tmp_path, pictures, broker, x=3)
    code, (found,) = findings(site)
    assert (code, found["code"], found["severity"]) == (0, "line_near_edge", "warning")
    assert "(assumed)" in found["message"]
    plain = RUNNER.invoke(app, ["check-config", "--site", str(site)])
    assert "! camera door: front-door: it is too close to the left edge" in plain.stdout
    code, (found,) = findings(site, "--person-height", "24")
    assert (code, found["code"]) == (1, "line_never_counts")
    assert "a person of 24 px (given)" in found["message"]


def test_a_missing_model_is_found(broker: RunningBroker, pictures: Path, tmp_path: Path) -> None:
    code, (found,) = findings(write_site(tmp_path, pictures, broker, model="/nowhere/model.onnx"))
    assert (code, found["about"]) == (1, "model")
    assert "footfall models list" in found["problem"]


def test_a_wrong_password_is_found(broker: RunningBroker, pictures: Path, tmp_path: Path) -> None:
    code, (found,) = findings(write_site(tmp_path, pictures, broker, password="wrong"))
    assert (code, found["about"]) == (1, "broker")
    assert "Check user 'device' and its password (from file" in found["problem"]


def test_an_unreachable_broker_is_found(broker: RunningBroker, pictures: Path, tmp_path: Path) -> None:
    site = write_site(tmp_path, pictures, broker)
    broker.stop()
    code, (found,) = findings(site)
    assert (code, found["about"]) == (1, "broker")
    assert "cannot be reached" in found["problem"]


def test_a_camera_that_gives_nothing_is_found(broker: RunningBroker, tmp_path: Path) -> None:
    code, (found,) = findings(write_site(tmp_path, tmp_path / "nowhere.mp4", broker))
    assert (code, found["about"]) == (1, "camera")
    assert "no such video file" in found["problem"]


def test_a_site_file_that_cannot_be_read_is_one_finding(tmp_path: Path) -> None:
    code, (found,) = findings(tmp_path / "none.toml")
    assert (code, found["about"]) == (1, "site file")


def test_a_first_site_file_fits_the_picture(pictures: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    result = RUNNER.invoke(app, ["init", str(pictures), "--site", str(path), "--store", "riverside"])
    assert result.exit_code == 0, result.output
    camera = load_site(path).cameras[0]
    assert camera.source == str(pictures)
    assert camera.lines[0].points == ((16, 32), (48, 32))


def test_a_site_file_is_never_overwritten(pictures: Path, tmp_path: Path) -> None:
    path = tmp_path / "new.toml"
    path.write_text("precious", encoding="utf-8")
    result = RUNNER.invoke(app, ["init", str(pictures), "--site", str(path)])
    assert isinstance(result.exception, ConfigError)
    assert path.read_text(encoding="utf-8") == "precious"


def test_a_site_file_that_cannot_be_read_is_named_once(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text("store = 3\n", encoding="utf-8")
    told = RUNNER.invoke(app, ["check-config", "--site", str(site)])
    assert told.exit_code == 1
    assert told.stdout.count(str(site)) == 1


def test_a_watch_in_which_nobody_is_seen_says_so(pictures: Path) -> None:
    result = RUNNER.invoke(app, ["propose", str(pictures), "--model", "motion"])
    assert isinstance(result.exception, NobodySeenError)
    assert "nobody was seen in 0 seconds" in str(result.exception)


def test_lines_are_proposed_from_a_clip_and_fit_into_a_site_file(tmp_path: Path) -> None:
    """Four bright people walk over a dark floor and off its right edge; movement finds each only after a moment."""
    folder, svg = tmp_path / "walks", tmp_path / "lines.svg"
    folder.mkdir()
    for number in range(280):
        image = np.zeros((240, 320, 3), np.uint8)
        x = (number % 70) * 6 - 40
        image[90:190, max(0, x) : max(0, x + 40)] = 255
        cv2.imwrite(str(folder / f"{number:03}.png"), image)
    options = ["propose", str(folder), "--model", "motion", "--svg", str(svg)]
    said = json.loads(RUNNER.invoke(app, [*options, "--json"]).stdout)
    assert said["people"] == 4
    (right,) = (one for one in said["proposals"] if one["at_edge"])
    assert (right["in"], right["out"], right["findings"]) == (0, 4, [])
    assert {x > 200 for x, _ in right["points"]} == {True}
    assert svg.read_text(encoding="utf-8").startswith("<svg")
    toml = RUNNER.invoke(app, options).stdout
    site = parse_site(
        tomllib.loads(f'store = "s"\ndevice = "d"\n[[cameras]]\nname = "c"\nsource = "x"\n{toml}'), where="x"
    )
    assert re.match(r"# 4 people were seen in \d+ seconds, \d doors?\.", toml)
    assert right["name"] in [line.name for line in site.cameras[0].lines]


@pytest.mark.parametrize(("options", "level"), [([], logging.INFO), (["--log-level", "error"], logging.NOTSET)])
def test_the_agent_logs_what_came_back_unless_told_otherwise(
    options: list[str], level: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FOOTFALL_LOG_LEVEL", raising=False)
    logger = logging.getLogger("edge")
    monkeypatch.setattr(logger, "level", logging.NOTSET)
    RUNNER.invoke(footfall, [*options, "edge", "run", "--site", str(tmp_path / "none.toml")])
    assert logger.level == level
