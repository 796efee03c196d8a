"""The import arrows that pyproject.toml draws."""

from importlinter.cli import lint_imports


def test_every_import_follows_the_arrows() -> None:
    assert lint_imports() == 0
