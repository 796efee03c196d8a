"""Fetching models: pinned, resumed, never half."""

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.cli.main import main
from models.errors import ExportError, FetchError
from models.export import export
from models.fetch import fetch, fetch_file
from models.registry import ModelFile, find_spec

CONTENT = bytes(range(256)) * 4_096
SHA256 = hashlib.sha256(CONTENT).hexdigest()
SHA384 = hashlib.sha384(CONTENT).hexdigest()


class _Site(BaseHTTPRequestHandler):
    """A download site that knows ranges and forgets nothing."""

    asked: list[str | None] = []  # noqa: RUF012 - one list for all requests is the point

    def do_GET(self) -> None:
        wanted = self.headers.get("Range")
        self.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        if self.path != "/model.onnx":
            self.send_error(404, "Not Found")
        elif start >= len(CONTENT):
            self.send_error(416, "Range Not Satisfiable")
        else:
            self.send_response(206 if wanted else 200)
            self.send_header("Content-Length", str(len(CONTENT) - start))
            self.end_headers()
            self.wfile.write(CONTENT[start:])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[str]:
    _Site.asked.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def pinned(url: str, **digests: str) -> ModelFile:
    return ModelFile(path="model.onnx", url=url, **(digests or {"sha256": SHA256}))


def test_a_file_arrives_whole_with_its_progress_told(site: str, tmp_path: Path) -> None:
    heard: list[tuple[str, int, int | None]] = []
    fetch_file(pinned(f"{site}/model.onnx"), tmp_path / "model.onnx", on_progress=lambda *told: heard.append(told))
    assert (tmp_path / "model.onnx").read_bytes() == CONTENT
    assert heard[-1] == ("model.onnx", len(CONTENT), len(CONTENT))
    assert [path.name for path in tmp_path.iterdir()] == ["model.onnx"]


def test_a_download_that_broke_off_is_taken_up_where_it_stopped(site: str, tmp_path: Path) -> None:
    (tmp_path / "model.onnx.part").write_bytes(CONTENT[:1_000])
    fetch_file(pinned(f"{site}/model.onnx"), tmp_path / "model.onnx")
    assert (tmp_path / "model.onnx").read_bytes() == CONTENT
    assert _Site.asked == ["bytes=1000-"]


def test_a_part_that_was_already_whole_is_used(site: str, tmp_path: Path) -> None:
    (tmp_path / "model.onnx.part").write_bytes(CONTENT)
    fetch_file(pinned(f"{site}/model.onnx"), tmp_path / "model.onnx")
    assert (tmp_path / "model.onnx").read_bytes() == CONTENT


def test_a_file_that_is_there_is_not_downloaded_again(site: str, tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(CONTENT)
    fetch_file(pinned(f"{site}/model.onnx"), tmp_path / "model.onnx")
    assert _Site.asked == []


def test_another_file_than_the_pinned_one_is_refused_and_not_kept(site: str, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="expected sha256 0000"):
        fetch_file(pinned(f"{site}/model.onnx", sha256="0" * 64), tmp_path / "model.onnx")
    assert list(tmp_path.iterdir()) == []


def test_the_publishers_own_digest_will_do(site: str, tmp_path: Path) -> None:
    fetch_file(pinned(f"{site}/model.onnx", sha384=SHA384), tmp_path / "model.onnx")
    assert (tmp_path / "model.onnx").exists()


@pytest.mark.parametrize("url", ["{site}/absent", "http://127.0.0.1:1/model.onnx"])
def test_a_site_that_does_not_answer_is_told_with_the_way_round(site: str, tmp_path: Path, url: str) -> None:
    with pytest.raises(FetchError, match=r"put it into DIR/models/model\.onnx and set FOOTFALL_DATA=DIR"):
        fetch_file(pinned(url.format(site=site)), tmp_path / "model.onnx")


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without models on a machine without network; returns the home."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FOOTFALL_DATA", "/nonexistent")
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv("https_proxy", "http://127.0.0.1:1")
    # Not the weights that may lie beside this checkout.
    monkeypatch.setattr("models.registry.model_folders", lambda: iter([home / ".cache" / "footfall" / "models"]))
    monkeypatch.setattr("sys.argv", ["footfall", "models", "fetch", "yolox-nano"])
    return home


def test_without_network_the_command_ends_in_one_message_and_leaves_nothing(
    offline: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert find_spec("yolox-nano").files[0].url in said
    assert "DIR/models/yolox_nano.onnx and set FOOTFALL_DATA=DIR" in said
    assert "Traceback" not in said
    assert [path for path in offline.rglob("*") if path.is_file()] == []


def test_a_cache_that_cannot_be_made_is_one_message_too(offline: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (offline / ".cache").write_text("in the way", encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "cannot be made" in capsys.readouterr().err


def test_a_model_that_is_here_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTFALL_DATA", str(tmp_path))
    (tmp_path / "yolox_nano.onnx").write_bytes(b"here")
    assert fetch(find_spec("yolox-nano")) == (tmp_path / "yolox_nano.onnx", False)


def test_a_model_of_several_files_comes_complete(site: str, tmp_path: Path) -> None:
    files = tuple(replace(pinned(f"{site}/model.onnx"), path=f"two/{name}") for name in ("a.xml", "a.bin"))
    spec = replace(find_spec("yolox-nano"), name="two", entries=("two/a.xml",), files=files)
    path, downloaded = fetch(spec, folder=tmp_path)
    assert (path, downloaded) == (tmp_path / "two" / "a.xml", True)
    assert (tmp_path / "two" / "a.bin").exists()


def test_what_needs_no_weights_says_so() -> None:
    with pytest.raises(FetchError, match="nothing to fetch"):
        fetch(find_spec("motion"))
    with pytest.raises(ExportError, match="needs no export"):
        export(find_spec("yolox-nano"))


def test_exporting_without_the_extra_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "ultralytics", None)
    with pytest.raises(ExportError, match=r"In the Footfall checkout: pip install '\.\[ultralytics\]'"):
        export(find_spec("yolo26n"))
