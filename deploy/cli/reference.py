"""The reference of all commands: `python -m deploy.cli.reference` rewrites docs/commands.md."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import typer

from deploy.cli.main import app

DOCUMENT: Final = Path(__file__).parents[2] / "docs" / "commands.md"

_HEAD: Final = """# Commands

Made from the commands themselves by `python -m deploy.cli.reference`; a test keeps the two equal.
`footfall COMMAND --help` says the same. An expected error is one message on standard error and exit code 2.
"""


def commands() -> Iterator[tuple[str, Any]]:
    """Yield each command's full name and its parsed form, in the order of `footfall --help`."""
    yield from _walk("footfall", typer.main.get_command(app))


def reference() -> str:
    """Return the document's text."""
    return "\n".join([_HEAD, *(_section(name, command) for name, command in commands())])


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    children = getattr(command, "commands", None)
    if children is None:
        yield name, command
        return
    for child, inner in children.items():
        yield from _walk(f"{name} {child}", inner)


def _section(name: str, command: Any) -> str:
    lines = [f"## {name}", "", " ".join((command.help or "").split()), ""]
    rows = [row for parameter in command.params if (row := _row(parameter))]
    if rows:
        lines += ["| | |", "|---|---|", *rows, ""]
    example = (command.epilog or "").removeprefix("Example: ")
    return "\n".join([*lines, "```", example, "```", ""])


def _row(parameter: Any) -> str | None:
    if parameter.name == "help":
        return None
    spelt = (
        [*parameter.opts, *parameter.secondary_opts]
        if parameter.param_type_name == "option"
        else [parameter.name.upper()]
    )
    told = " ".join((getattr(parameter, "help", None) or "").split()).replace("|", "\\|")
    default = parameter.default
    shown = "" if default in (None, False, True, ()) or callable(default) else f" Default: `{default}`."
    return f"| {' '.join(f'`{name}`' for name in spelt)} | {told}{shown} |"


def main() -> None:
    """Write the document."""
    DOCUMENT.write_text(reference(), encoding="utf-8")


if __name__ == "__main__":
    main()
