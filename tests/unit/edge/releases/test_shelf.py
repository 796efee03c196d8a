"""Which released model counts in the place of which, over restarts."""

from pathlib import Path

from edge.releases.shelf import STARTS_MAX, Shelf, Shelved


def release(folder: Path, number: str) -> Shelved:
    (folder / f"{number}.onnx").write_bytes(b"weights")
    return Shelved(f"of {number}", number, str(folder / f"{number}.onnx"), 0.3)


def test_nothing_is_on_a_new_shelf_and_nothing_is_written_for_that(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "releases")
    assert shelf("yolox-nano") is None
    assert not (tmp_path / "releases").exists()


def test_a_release_that_took_over_stays_over_a_restart_and_is_proven_once(tmp_path: Path) -> None:
    first = release(tmp_path, "1.1")
    Shelf(tmp_path).take_over("yolox-nano", first)
    shelf = Shelf(tmp_path)
    assert shelf("yolox-nano") == first
    assert shelf.on_probation("yolox-nano")
    assert shelf.model_of("of 1.1") == "yolox-nano"
    shelf.prove("yolox-nano")
    for _ in range(2 * STARTS_MAX):
        shelf = Shelf(tmp_path)
    assert shelf("yolox-nano") == first
    assert not shelf.on_probation("yolox-nano")


def test_a_release_with_which_the_program_ends_again_and_again_is_taken_back(tmp_path: Path) -> None:
    first, second = release(tmp_path, "1.1"), release(tmp_path, "1.2")
    shelf = Shelf(tmp_path)
    shelf.take_over("yolox-nano", first)
    shelf.prove("yolox-nano")
    shelf.take_over("yolox-nano", second)
    for _ in range(STARTS_MAX - 1):
        assert Shelf(tmp_path)("yolox-nano") == second
    shelf = Shelf(tmp_path)
    assert shelf("yolox-nano") == first
    assert not shelf.on_probation("yolox-nano"), "it has proven itself before"
    assert "ended 3 times" in shelf.failed["of 1.2"]


def test_the_first_release_goes_back_to_the_model_of_the_site_file(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.take_over("yolox-nano", release(tmp_path, "1.1"))
    shelf.take_back("yolox-nano", "blind")
    assert shelf("yolox-nano") is None
    assert Shelf(tmp_path).failed == {"of 1.1": "blind"}


def test_files_that_are_gone_are_no_model_and_a_damaged_note_is_none(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    first = release(tmp_path, "1.1")
    shelf.take_over("yolox-nano", first)
    Path(first.path).unlink()
    assert shelf("yolox-nano") is None
    (tmp_path / "models.json").write_text("{ cut", encoding="utf-8")
    assert Shelf(tmp_path)("yolox-nano") is None


def test_all_can_be_cleared(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.take_over("yolox-nano", release(tmp_path, "1.1"))
    assert shelf.clear() == ["yolox-nano"]
    assert shelf.clear() == []
    assert Shelf(tmp_path)("yolox-nano") is None


def test_files_of_releases_that_neither_count_nor_did_before_are_removed(tmp_path: Path) -> None:
    shelf, kept = Shelf(tmp_path), []
    for number in ("1.1", "1.2", "1.3"):
        sha256 = number.replace(".", "") * 32
        place = shelf.make_place(sha256)
        place.mkdir(parents=True)
        (place / "shop.onnx").write_bytes(b"weights")
        shelf.take_over("yolox-nano", Shelved(sha256, number, str(place / "shop.onnx"), None))
        shelf.prove("yolox-nano")
        kept.append(place)
    shelf.make_place("f" * 64)
    assert [place.exists() for place in kept] == [False, True, True]
