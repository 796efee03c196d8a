"""`footfall bench ingest`, `orders`, `query`, `api`, `dashboard`, `forecast`: the store of record."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

if TYPE_CHECKING:
    from deploy.bench.many_stores import Heard

_Json = Annotated[bool, typer.Option("--json", help="One JSON object.")]
_Dsn = Annotated[
    str | None,
    typer.Option(
        help="A server to measure on, such as postgresql://user:password@host/postgres: a database of our own is made "
        "there, and dropped afterwards. Default: an embedded PostgreSQL.",
    ),
]
_Stores = Annotated[int, typer.Option(min=2, max=5_000, help="Stores of the chain.")]
_Months = Annotated[int, typer.Option(min=1, max=60, help="Months that it has been counting.")]


def ingest(dsn: _Dsn = None, json_: _Json = False) -> None:
    """Measure rows a second from the broker to the commit, beside plain COPY and a consumer that inserts row by row."""
    found = measure_ingest(dsn)
    if json_:
        typer.echo(json.dumps(found))
    else:
        Console().print_json(data=found)


def measure_ingest(dsn: str | None) -> dict[str, Any]:
    """Return what `deploy.bench.ingest` measures, on the server of `dsn` or on one of our own."""
    from deploy.bench import ingest as bench
    from deploy.bench.scratch import scratch_database

    with scratch_database(dsn) as url:
        return bench.run(url)


def orders(
    dsn: _Dsn = None,
    orders: Annotated[int, typer.Option(min=1_000, help="Rows of the export.")] = 1_000_000,
    rounds: Annotated[int, typer.Option(min=1, help="How many times it is measured.")] = 1,
    json_: _Json = False,
) -> None:
    """Measure the import of a till's long export, beside plain COPY of the same rows into the same table."""
    from deploy.bench import orders as bench
    from deploy.bench.scratch import scratch_database

    with scratch_database(dsn) as url, _progress() as heard:
        found = bench.run(url, orders=orders, rounds=rounds, heard=heard)
    if json_:
        typer.echo(json.dumps(found))
    else:
        Console().print_json(data=found)


def query(
    dsn: _Dsn = None,
    stores: _Stores = 400,
    months: _Months = 13,
    compared: Annotated[
        int, typer.Option(min=1, help="Stores whose single rows of all months are there to compare with.")
    ] = 4,
    json_: _Json = False,
) -> None:
    """Measure the pages' own questions about a chain of stores, and how long single rows take to answer them.

    Filling the default takes about five minutes on two processors and 5 GB.
    """
    from deploy.bench import query as bench
    from deploy.bench.many_stores import Chain, whole_minute
    from deploy.bench.scratch import scratch_database

    chain = Chain(stores=stores, months=months, compared=min(compared, stores), now=whole_minute())
    with scratch_database(dsn) as url, _progress() as heard:
        found = bench.run(url, chain, heard)
    if json_:
        typer.echo(json.dumps(found))
        return
    table = Table("question", "p95, ms", "median, ms", "runs", "single rows take")
    for name, told in found["queries"].items():
        ratio = "–" if told["raw_ratio"] is None else f"{told['raw_ratio']:.1f} times as long"
        table.add_row(name, f"{told['p95_ms']:.1f}", f"{told['median_ms']:.1f}", str(told["runs"]), ratio)
    Console().print(table)


def forecast(
    dsn: _Dsn = None,
    stores: Annotated[int, typer.Option(min=2, max=5_000, help="Stores of the chain.")] = 400,
    months: Annotated[int, typer.Option(min=2, max=60, help="Months that it has been counting.")] = 13,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Of LightGBM.")] = 1,
    json_: _Json = False,
) -> None:
    """Measure how long the next 14 days of every store of a chain take, by hour, with intervals, from read to kept."""
    from deploy.bench import forecast as bench
    from deploy.bench.many_stores import Chain, whole_minute
    from deploy.bench.scratch import scratch_database

    chain = Chain(stores=stores, months=months, compared=1, now=whole_minute())
    with scratch_database(dsn) as url, _progress() as heard:
        found = bench.run(url, chain, heard, threads=threads)
    if json_:
        typer.echo(json.dumps(found))
    else:
        Console().print_json(data=found)


def api(
    dsn: _Dsn = None,
    stores: _Stores = 400,
    months: _Months = 13,
    questions: Annotated[
        int, typer.Option(min=10, max=900, help="Different questions that each endpoint is asked.")
    ] = 200,
    json_: _Json = False,
) -> None:
    """Measure the KPI API about the chain of `bench query`: cold, and asked again with the answer's ETag.

    The API is a process of its own, asked over one connection. Filling the default takes about five minutes on two
    processors and 5 GB.
    """
    from deploy.bench import api as bench
    from deploy.bench.many_stores import Chain, whole_minute
    from deploy.bench.scratch import scratch_database

    chain = Chain(stores=stores, months=months, compared=1, now=whole_minute())
    with scratch_database(dsn) as url, _progress() as heard:
        found = bench.run(url, chain, heard, questions=questions)
    if json_:
        typer.echo(json.dumps(found))
        return
    table = Table("endpoint", "cold p50, ms", "p95", "304 p50, ms", "p95", "questions")
    for name, told in found["endpoints"].items():
        times = (told[f"{kind}_{share}_ms"] for kind, share in product(("cold", "revalidated"), ("p50", "p95")))
        table.add_row(name, *(f"{one:.1f}" for one in times), str(told["questions"]))
    Console().print(table)


def dashboard(
    dsn: _Dsn = None,
    stores: _Stores = 400,
    months: _Months = 13,
    users: Annotated[int, typer.Option(min=1, max=500, help="People who look at once.")] = 50,
    json_: _Json = False,
) -> None:
    """Measure the pages about the chain of `bench query`: server, browser, many users, a crossing until it is seen.

    What Chromium asks on each page is asked again about other stores. Filling the default takes about five minutes on
    two processors and 5 GB; Chromium and Playwright must be installed.
    """
    from deploy.bench import dashboard as bench
    from deploy.bench.many_stores import Chain, whole_minute
    from deploy.bench.scratch import scratch_database

    chain = Chain(stores=stores, months=months, compared=1, now=whole_minute())
    with scratch_database(dsn) as url, _progress() as heard:
        found = bench.run(url, chain, heard, plan=bench.Plan(users=users))
    if json_:
        typer.echo(json.dumps(found))
        return
    table = Table("page", "server p95, ms", "median, ms", "first, ms", "figures seen after, ms", "requests")
    for name, told in found["pages"].items():
        times = (told["server_p95_ms"], told["server_median_ms"], told["first_ms"], told.get("first_paint_ms", "–"))
        table.add_row(name, *map(str, times), str(told["requests"]))
    Console().print(table)
    Console().print(
        f"{users} users: {found['users']['server_p95_ms']} ms. Crossings seen: {found['visible_p95_ms']} ms."
    )


@contextmanager
def _progress() -> Iterator["Heard"]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=1.0)
        yield lambda what, share: progress.update(task, description=what, completed=share)
