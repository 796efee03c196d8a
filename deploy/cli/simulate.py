"""`footfall simulate`: a fleet of simulated stores, and the check of what the database made of them."""

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from deploy.cli.connection import database
from deploy.cli.simulate_draw import draw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.simulation.check import Verdict
    from deploy.simulation.progress import Progress, Report
    from deploy.simulation.run import Fleet, Plan
    from deploy.simulation.service import Servers

app = typer.Typer(no_args_is_help=True)
app.command(epilog="Example: footfall simulate draw --stores 8 --days 14 --stretches 2 --json")(draw)

_DIFFERENCES_SHOWN = 20


@app.command(epilog="Example: footfall simulate run --stores 8 --days 56 --json")
def run(
    broker: Annotated[
        str,
        typer.Option(
            envvar=["FOOTFALL_DEVICE_BROKER_URL", "FOOTFALL_BROKER_URL"],
            show_envvar=True,
            show_default=False,
            help="The broker with a device's login: mqtt://user:password@host:1883",
        ),
    ],
    stores: Annotated[int, typer.Option(min=1, help="How many stores.")] = 8,
    days: Annotated[int, typer.Option(min=0, max=84, help="Days of history before today, at the first start.")] = 56,
    history: Annotated[bool, typer.Option(help="Without it, only what happens from now on.")] = True,
    history_only: Annotated[bool, typer.Option("--history-only", help="End once everything is delivered.")] = False,
    seed: Annotated[int, typer.Option(min=0, help="What everything is drawn from.")] = 1,
    speed: Annotated[float, typer.Option(min=0.01, max=10_000, help="How fast time passes after the start.")] = 1.0,
    home: Annotated[Path | None, typer.Option(help="Outboxes and journals; default: FOOTFALL_HOME/simulation.")] = None,
    orders: Annotated[
        str | None, typer.Option(envvar="FOOTFALL_ORDERS_URL", help="Orders API; without it there are no tills.")
    ] = None,
    orders_key: Annotated[
        str | None,
        typer.Option(envvar="FOOTFALL_ORDERS_KEY", help="Its key; default: one is made and kept in the home."),
    ] = None,
    miscount: Annotated[
        bool,
        typer.Option(
            "--miscount", help="Cameras miss and double people, audits find out: for `footfall verify --truth`."
        ),
    ] = False,
    broker_tls_ca: Annotated[str | None, typer.Option(envvar="FOOTFALL_BROKER_TLS_CA", help="For mqtts://.")] = None,
    truth: Annotated[Path | None, typer.Option(help="Write the truth here at the end: .json or .csv.")] = None,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line: stage, done, total, entries.")] = False,
) -> None:
    """Run simulated stores: virtual devices and tills on the real publishing stack. Ctrl-C stops; a restart continues.

    The database is FOOTFALL_DATABASE_URL: the stores are registered there.
    """
    from deploy.cli.connection import database_url
    from deploy.home import default_folder
    from deploy.simulation.fleet import fleet
    from deploy.simulation.model import DEFAULT_MODEL, MISCOUNTING
    from deploy.simulation.run import Plan
    from deploy.simulation.service import Servers

    home = home or default_folder() / "simulation"
    model = MISCOUNTING if miscount else DEFAULT_MODEL
    plan = Plan(home=home, stores=fleet(stores), seed=seed, days=days, history=history, model=model)
    servers = Servers(broker, database_url(), orders, orders_key, broker_tls_ca)
    _simulate(plan, servers, speed=speed, history_only=history_only, truth=truth, json_=json_)


@app.command(epilog="Example: footfall simulate check --truth truth.json --within 30")
def check(
    truth: Annotated[Path, typer.Option(help="What `footfall simulate run --truth` wrote.")],
    within: Annotated[float, typer.Option(min=0, help="Ask again for so many seconds until it agrees.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Compare the database with a truth, hour by hour; exit code 1 when they differ."""
    import time

    from deploy.simulation.check import check as compare
    from deploy.simulation.truth_file import read_truth

    rows = read_truth(truth)
    end_s = time.monotonic() + within
    with database() as opened:
        verdict = compare(opened, rows)
        while not verdict.agrees and time.monotonic() < end_s:
            time.sleep(0.5)
            verdict = compare(opened, rows)
    if json_:
        typer.echo(json.dumps(_as_dict(verdict)))
    else:
        _print_table(verdict)
    if not verdict.agrees:
        raise typer.Exit(1)


def _simulate(
    plan: "Plan", servers: "Servers", *, speed: float, history_only: bool, truth: Path | None, json_: bool
) -> None:
    from contextlib import ExitStack

    from deploy.simulation.clock import FastClock
    from deploy.simulation.service import simulate

    with ExitStack() as screen:
        simulate(
            plan,
            servers,
            report=_print_json if json_ else screen.enter_context(_bars()),
            opened=_stop_on_signal,
            # At real speed the machine's own clock, which is set right now and then.
            clock=None if speed == 1 else FastClock(speed),
            history_only=history_only,
            truth=truth,
        )


def _stop_on_signal(fleet: "Fleet") -> None:
    import signal

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: fleet.stopping.set())


def _print_json(progress: "Progress") -> None:
    from dataclasses import asdict

    typer.echo(json.dumps(asdict(progress)))


class _bars:  # noqa: N801  # a context manager that reads as a function
    """Show progress as one bar per stage."""

    def __enter__(self) -> "Report":
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

        self._screen = Progress(TextColumn("{task.description:>9}"), BarColumn(), MofNCompleteColumn())
        self._tasks: dict[str, TaskID] = {}
        self._screen.start()
        return self._show

    def __exit__(self, *_exception: object) -> None:
        self._screen.stop()

    def _show(self, progress: "Progress") -> None:
        if progress.stage not in self._tasks:
            self._tasks[progress.stage] = self._screen.add_task(progress.stage, total=None)
        self._screen.update(
            self._tasks[progress.stage], completed=progress.done, total=progress.total or None, refresh=True
        )


def _as_dict(verdict: "Verdict") -> dict[str, object]:
    from dataclasses import asdict

    return {
        "agrees": verdict.agrees,
        "missing": [{"store": store, "device": device, "missing": n} for (store, device), n in verdict.missing.items()],
        "totals": [
            {"store": store, "measure": measure, "true": true, "counted": counted, "database": found}
            for (store, measure), (true, counted, found) in verdict.totals.items()
        ],
        "differences": [asdict(row) | {"when": row.when.isoformat()} for row in verdict.differences],
    }


def _print_table(verdict: "Verdict") -> None:
    from rich.console import Console
    from rich.table import Table

    differing = Counter((row.store, row.measure) for row in verdict.differences)
    table = Table(box=None)
    for column in ("store", "measure"):
        table.add_column(column, no_wrap=True)
    for column in ("true", "counted", "database", "differ"):
        table.add_column(column, justify="right")
    for key, numbers in verdict.totals.items():
        table.add_row(*key, *(f"{number:,}" for number in numbers), str(differing[key] or "–"))
    console = Console()
    console.print(table)
    for line in _complaints(verdict):
        console.print(line, highlight=False, markup=False)
    console.print("the database says exactly what was counted" if verdict.agrees else "the database DIFFERS")


def _complaints(verdict: "Verdict") -> "Iterator[str]":
    for (store, device), missing in verdict.missing.items():
        yield f"{store}/{device}: {missing} ledger entries have not arrived"
    for row in verdict.differences[:_DIFFERENCES_SHOWN]:
        yield f"{row.store} {row.when.isoformat()} {row.measure}: expected {row.expected}, got {row.found}"
    if len(verdict.differences) > _DIFFERENCES_SHOWN:
        yield f"… and {len(verdict.differences) - _DIFFERENCES_SHOWN} more"
