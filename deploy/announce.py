"""What `up` and `demo` say while they work: for people with rich, for programs one JSON object a line."""

import json
import sys
from collections.abc import Mapping
from typing import Any, Protocol, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from deploy.children import Child

_MARKS = {
    "starting": "[dim]…[/]",
    "running": "[green]✓[/]",
    "waiting": "[yellow]↻[/]",
    "crashing": "[red]✗[/]",
    "finished": "[dim]■[/]",
    "stopped": "[dim]■[/]",
}


class Announcer(Protocol):
    """Where an installation's news go."""

    def service(self, child: Child, port: int | None) -> None:
        """Tell that a service changed its state."""

    def url(self, name: str, url: str) -> None:
        """Tell where something can be reached."""

    def login(self, name: str, password: str) -> None:
        """Tell with what one signs in to the dashboard."""

    def note(self, message: str) -> None:
        """Tell what was done or decided."""

    def progress(self, task: str, done: float, total: float) -> None:
        """Tell how far a long task has come."""

    def summary(self, facts: Mapping[str, Any]) -> None:
        """Tell what came of it all."""

    def close(self) -> None:
        """End: nothing more is said."""


class JsonAnnouncer:
    """One JSON object a line, each with its `event`."""

    def __init__(self, out: TextIO = sys.stdout) -> None:
        self._out = out

    def service(self, child: Child, port: int | None) -> None:
        """Print a `service` line."""
        self._line(
            "service", name=child.name, state=child.state, pid=child.pid, port=port, restarts=child.restarts,
            last_exit=child.last_exit, last_words=child.last_words,
        )  # fmt: skip

    def url(self, name: str, url: str) -> None:
        """Print a `url` line."""
        self._line("url", name=name, url=url)

    def login(self, name: str, password: str) -> None:
        """Print a `login` line."""
        self._line("login", name=name, password=password)

    def note(self, message: str) -> None:
        """Print a `note` line."""
        self._line("note", message=message)

    def progress(self, task: str, done: float, total: float) -> None:
        """Print a `progress` line."""
        self._line("progress", task=task, done=done, total=total)

    def summary(self, facts: Mapping[str, Any]) -> None:
        """Print the `summary` line."""
        self._line("summary", **facts)

    def close(self) -> None:
        """Nothing to do: each line is flushed."""

    def _line(self, event: str, **fields: object) -> None:
        print(json.dumps({"event": event, **fields}, default=str), file=self._out, flush=True)


class RichAnnouncer:
    """A line per service and note, a bar per long task."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._bars = Progress(
            TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeElapsedColumn(),
            console=self._console, transient=True,
        )  # fmt: skip
        self._tasks: dict[str, TaskID] = {}

    def service(self, child: Child, port: int | None) -> None:
        """Print the service's mark, name and where it runs; its first start only once it is ready."""
        if child.state == "starting" and child.restarts == 0:
            return
        where = f"process {child.pid}" + (f", port {port}" if port else "") if child.pid else ""
        ended = f"ended with code {child.last_exit}" if child.state in ("waiting", "crashing") else ""
        crashing = ", again and again; it is still tried" if child.state == "crashing" else ""
        words = f". It said: {child.last_words}" if child.last_words else ""
        self._bars.console.print(
            f"{_MARKS[child.state]} {child.name:<12} {child.state:<9} {where}{ended}{crashing}{words}"
        )

    def url(self, name: str, url: str) -> None:
        """Print where it is."""
        self._bars.console.print(f"  [bold]{name}[/]: [link={url}]{url}[/link]")

    def login(self, name: str, password: str) -> None:
        """Print name and password."""
        self._bars.console.print(f"  sign in as [bold]{name}[/] with the password [bold]{password}[/]")

    def note(self, message: str) -> None:
        """Print the note."""
        self._bars.console.print(f"  {message}", markup=False)

    def progress(self, task: str, done: float, total: float) -> None:
        """Move the task's bar, which is there until the task is done."""
        if task not in self._tasks:
            self._bars.start()
            self._tasks[task] = self._bars.add_task(task, total=total)
        self._bars.update(self._tasks[task], completed=done, total=total)
        if all(known.finished for known in self._bars.tasks):
            self._bars.stop()

    def summary(self, facts: Mapping[str, Any]) -> None:
        """Print the facts, one a line."""
        for name, value in facts.items():
            rows = value if isinstance(value, list) else [{name.replace("_", " "): value}]
            for row in rows:
                told = ", ".join(f"{field} {fact}" for field, fact in row.items())
                self._bars.console.print(f"  {told}", markup=False)

    def close(self) -> None:
        """Take the bars off the screen."""
        self._bars.stop()
