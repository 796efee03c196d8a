"""Fetching releases over real HTTPS: for enrolled boxes only, going on after a cut, only as it was signed."""

import http.client
import json
import os
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner

from analytics.clock import utc_now
from contract.releases import ReleaseFile
from deploy.cli.main import app
from deploy.releases.building import build_model, load, save
from deploy.releases.keys import ReleaseKey, manifest_sha256
from deploy.trust.devices import events
from edge.clock import SystemClock
from edge.config import load_site
from edge.errors import FetchingError, ReleaseError, UnknownKeyError
from edge.releases.fetching import Fetcher
from edge.releases.obtaining import Source
from edge.releases.opening import key_ring
from tests.support.clocks import ManualClock
from tests.support.releasing import Office
from tests.support.trusted import House, running_house
from tests.support.wheels import footfall_wheel


@pytest.fixture
def house(server_folder: Path, database: str) -> Iterator[House]:
    folder = server_folder / f"releases-{uuid4().hex[:8]}"
    folder.mkdir()
    with running_house(folder, database) as running:
        yield running


@pytest.fixture
def office(house: House, database: str, tmp_path: Path) -> Office:
    return Office(house, tmp_path, database)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "shop.onnx"
    path.write_bytes(os.urandom(400_000))
    return path


def source_of(house: House, box: Path, **more: str) -> Source:
    """What a box that is enrolled in `box` takes releases from."""
    if not box.exists():
        house.enrol(box)
    broker = load_site(box / "site.toml").broker
    ring = key_ring(box / "site.toml", box / "authority.pem")
    return Source(Fetcher(broker, SystemClock(), bytes_per_s=1e9), ring, **more)


def fetcher_of(house: House, box: Path, *, bytes_per_s: float = 1e9) -> Fetcher:
    house.enrol(box)
    return Fetcher(load_site(box / "site.toml").broker, SystemClock(), bytes_per_s=bytes_per_s)


def test_an_enrolled_box_learns_the_keys_and_takes_what_they_signed(
    house: House, office: Office, model: Path, tmp_path: Path
) -> None:
    sha256 = office.model("yolox-nano", "1.1", model, confidence=0.3)
    source = source_of(house, tmp_path / "box")
    manifest = source.manifest(sha256, "model")
    assert (manifest.name, manifest.version, manifest.confidence) == ("yolox-nano", "1.1", 0.3)
    source.fetch(manifest, tmp_path / "got", threading.Event())
    assert (tmp_path / "got" / "shop.onnx").read_bytes() == model.read_bytes()
    assert not list((tmp_path / "got").glob("*.part"))


def test_a_box_learns_at_its_enrolment_whose_releases_it_is_to_trust(
    house: House, database: str, tmp_path: Path
) -> None:
    def enrolled(device: str) -> int:
        code, site = house.code(device=device), tmp_path / device / "site.toml"
        site.parent.mkdir()
        words = ["edge", "enroll", str(code), "--server", house.url, "--site", str(site), "--json"]
        done = CliRunner().invoke(app, words, catch_exceptions=False)
        keys: int = json.loads(done.stdout)["release_keys"]
        return keys

    assert enrolled("before") == 0
    Office(house, tmp_path, database)
    assert enrolled("after") == 1
    assert len(key_ring(tmp_path / "after" / "site.toml", tmp_path / "after" / "authority.pem").keys) == 1


def test_a_download_that_was_cut_goes_on_where_it_stopped(
    house: House, office: Office, model: Path, tmp_path: Path
) -> None:
    manifest = office.manifest(office.model("yolox-nano", "1.1", model))
    (file,) = manifest.files
    stopping = threading.Event()
    stopping.set()  # the first piece comes, then it is cut
    fetcher, target = fetcher_of(house, tmp_path / "box"), tmp_path / "got" / "shop.onnx"
    with pytest.raises(FetchingError, match="goes on from there"):
        fetcher.file(file, target, stopping)
    part = target.with_name("shop.onnx.part")
    begun = part.stat()
    assert 0 < begun.st_size < file.size
    assert not target.exists()
    fetcher.file(file, target, threading.Event())
    assert target.read_bytes() == model.read_bytes()
    assert target.stat().st_ino == begun.st_ino, "the same file, continued"


def test_what_is_not_as_it_was_signed_is_thrown_away(house: House, office: Office, model: Path, tmp_path: Path) -> None:
    manifest = office.manifest(office.model("yolox-nano", "1.1", model))
    (file,) = manifest.files
    kept = house.depot.folder / file.sha256
    fetcher, target = fetcher_of(house, tmp_path / "box"), tmp_path / "got" / "shop.onnx"
    kept.write_bytes(os.urandom(file.size))
    with pytest.raises(ReleaseError, match="not the file that was signed"):
        fetcher.file(file, target, threading.Event())
    kept.write_bytes(model.read_bytes()[:1000])
    with pytest.raises(FetchingError, match="broke off"):
        fetcher.file(file, target, threading.Event())
    kept.write_bytes(model.read_bytes() + b"and more")
    fetcher.file(file, target, threading.Event())
    assert target.read_bytes() == model.read_bytes(), "never more than was signed"
    target.with_name("shop.onnx.part").write_bytes(b"x" * (file.size + 1))
    target.unlink()
    fetcher.file(file, target, threading.Event())
    assert target.read_bytes() == model.read_bytes()


def test_a_release_that_is_not_for_this_box_is_refused(
    house: House, office: Office, model: Path, tmp_path: Path
) -> None:
    source = source_of(house, tmp_path / "box")
    with pytest.raises(ReleaseError, match="expected a release of kind application, got model"):
        source.manifest(office.model("yolox-nano", "1.1", model), "application")
    with pytest.raises(ReleaseError, match=r"needs footfall 99\.0 or newer"):
        source.manifest(office.model("yolox-nano", "1.2", model, footfall_min="99.0"), "model")
    for number, facts in (("2.0", {"python": "3.99"}), ("2.1", {"machine": "pdp11"})):
        footfall_wheel(tmp_path / number, number)
        with pytest.raises(ReleaseError, match="this box has Python"):
            source.manifest(office.application(tmp_path / number, **facts), "application")


def test_a_release_of_a_key_that_the_box_does_not_trust_is_refused_until_the_keys_change(
    house: House, office: Office, model: Path, tmp_path: Path
) -> None:
    source = source_of(house, tmp_path / "box")
    source.manifest(office.model("yolox-nano", "1.1", model), "model")
    other, out = ReleaseKey.create(tmp_path / "next.key"), tmp_path / "out"
    build_model("yolox-nano", "1.2", [model], out, now=utc_now())
    save(out, other.sign_manifest(load(out)))
    # Whoever holds the server puts it in by force.
    (house.depot.folder / "manifests" / (sha256 := "f" * 64)).write_bytes((out / "release.json").read_bytes())
    with pytest.raises(ReleaseError, match="changed on its way"):
        source.manifest(sha256, "model")
    sha256 = manifest_sha256(load(out))
    (house.depot.folder / "manifests" / sha256).write_bytes((out / "release.json").read_bytes())
    with pytest.raises(UnknownKeyError):
        source.manifest(sha256, "model")
    house.depot.trust([office.key.public, other.public], office.key)
    assert source.manifest(sha256, "model").version == "1.2"


def test_who_is_not_enrolled_or_was_shut_out_gets_nothing(
    house: House, office: Office, model: Path, tmp_path: Path
) -> None:
    sha256 = office.model("yolox-nano", "1.1", model)
    source = source_of(house, tmp_path / "box")
    source.manifest(sha256, "model")
    for path in ("/v1/release-keys", f"/v1/releases/{sha256}", "/v1/release-files/../keys.json"):
        assert plain_answer(house, path) in (403, 404), path
    house.office.revoke("riverside", "door-box")
    with pytest.raises(ReleaseError, match="403"):
        source.manifest(sha256, "model")
    assert events(house.database, limit=1)[0].action == "fetch_refused"


def test_a_request_of_yesterday_or_for_another_path_is_no_request(
    house: House, office: Office, model: Path, tmp_path: Path
) -> None:
    sha256 = office.model("yolox-nano", "1.1", model)
    house.enrol(tmp_path / "box")
    broker = load_site(tmp_path / "box" / "site.toml").broker
    late = Fetcher(broker, ManualClock())
    with pytest.raises(ReleaseError, match="403"):
        late.document(f"/v1/releases/{sha256}")
    headers = Fetcher(broker, SystemClock())._signed(f"/v1/releases/{sha256}")
    assert plain_answer(house, f"/v1/releases/{sha256}", headers) == 200
    assert plain_answer(house, "/v1/release-keys", headers) == 403


def test_what_is_not_there_is_refused_and_a_server_that_is_away_is_asked_later(house: House, tmp_path: Path) -> None:
    fetcher = fetcher_of(house, tmp_path / "box")
    with pytest.raises(ReleaseError, match="404"):
        fetcher.document(f"/v1/releases/{'0' * 64}")
    with pytest.raises(ReleaseError, match="404"):
        fetcher.file(ReleaseFile(name="a", sha256="0" * 64, size=5), tmp_path / "a", threading.Event())
    fetcher._server = "https://localhost:1"
    with pytest.raises(FetchingError, match="cannot be reached"):
        fetcher.document("/v1/release-keys")


def test_a_box_fetches_one_file_at_a_time_and_no_faster_than_it_may(
    house: House, office: Office, model: Path, tmp_path: Path
) -> None:
    manifest = office.manifest(office.model("yolox-nano", "1.1", model))
    (file,) = manifest.files
    house.handing._under_way.add("riverside.door-box.1")
    fetcher = fetcher_of(house, tmp_path / "box", bytes_per_s=400_000)
    with pytest.raises(FetchingError, match="429"):
        fetcher.file(file, tmp_path / "got", threading.Event())
    house.handing._under_way.clear()
    began_s = SystemClock().monotonic()
    fetcher.file(file, tmp_path / "got", threading.Event())
    assert SystemClock().monotonic() - began_s >= 0.9
    assert house.handing._under_way == set()


def plain_answer(house: House, path: str, headers: dict[str, str] | None = None) -> int:
    context = ssl.create_default_context(cadata=house.authority.pem.decode())
    connection = http.client.HTTPSConnection("localhost", house.port, timeout=10, context=context)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    connection.close()
    return answer.status
