"""`footfall counters`: people counters of other makers that push what they count."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from analytics.clock import utc_now
from deploy.cli.connection import database, database_url
from deploy.cli.listening import listening
from deploy.cli.words import count_of

if TYPE_CHECKING:
    from contract.types import DeviceState
    from ingest.counters.readings import Reading
    from ingest.counters.register import Counter

app = typer.Typer(no_args_is_help=True)

LineOf = Annotated[
    list[str],
    typer.Option(
        "--line",
        help="[SOURCE=]LINE[:in|out|reversed][:pass_by|internal]: which line of the store the counter's element SOURCE "
        "(the maker's number or name) feeds; may be repeated. Without SOURCE: it has one only.",
    ),
]
_EXIT_NOT_STARTED = 3


@app.command(epilog="Example: footfall counters serve --port 8090")
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; any other needs TLS.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port to listen on.")] = 8090,
    certificate: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="Serve HTTPS: the certificate, PEM.")
    ] = None,
    key: Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="Its key, PEM.")] = None,
) -> None:
    """Take pushes over HTTP and MQTT until SIGTERM or Ctrl-C; needs FOOTFALL_DATABASE_URL, and FOOTFALL_BROKER_URL."""
    import uvicorn

    from deploy.metrics.exposition import expose, wanted
    from deploy.metrics.http import HttpMetrics, MeasuredAsgi
    from ingest.counters.serving import CounterService
    from ingest.settings import CountersSettings, load

    service = CounterService(load(CountersSettings), now=utc_now)
    if shown := wanted():
        metrics = HttpMetrics()
        service.app.add_middleware(MeasuredAsgi, metrics=metrics)
        expose("counters", metrics.registry, shown)
    with listening(host, port, "counters service") as listener:
        service.start()
        try:
            server = uvicorn.Server(
                uvicorn.Config(
                    service.app,
                    log_config=None,
                    access_log=False,
                    server_header=False,
                    host=host,
                    port=port,
                    ssl_certfile=certificate,
                    ssl_keyfile=key,
                )
            )
            server.run(sockets=[listener])
        finally:
            service.stop()
    if not server.started:
        raise typer.Exit(_EXIT_NOT_STARTED)


@app.command(
    epilog="Example: footfall counters add --store riverside --vendor axis --serial B8A44FA89C85 --line front-door"
)
def add(
    store: Annotated[str, typer.Option(help="The store's code.")],
    vendor: Annotated[str, typer.Option(help="axis, milesight, onvif or xovis.")],
    serial: Annotated[str, typer.Option(help="Its serial number; for onvif any name that tells it apart.")],
    line: LineOf,
    door: Annotated[
        list[str] | None,
        typer.Option(help="LINE=DOOR: which of the store's doors a line counts, if it is called otherwise."),
    ] = None,
    timezone: Annotated[
        str | None, typer.Option(help="IANA zone of times that it writes without an offset; default: the store's.")
    ] = None,
    every_min: Annotated[
        float, typer.Option(min=0.1, max=1_440, help="How often it reports, in minutes: after three it is silent.")
    ] = 15,
    staff_excluded: Annotated[
        bool, typer.Option("--staff-excluded", help="It leaves staff out itself; otherwise they are in its counts.")
    ] = False,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Register a counter and print its password: it is kept as hashes only and cannot be shown again."""
    from ingest.counters.register import find
    from ingest.counters.registering import Wanted, parse_feed
    from ingest.counters.registering import add as register
    from ingest.counters.vendors import VENDOR_NAMES

    if vendor not in VENDOR_NAMES:
        raise typer.BadParameter(f"expected one of {', '.join(VENDOR_NAMES)}, got {vendor!r}", param_hint="--vendor")
    feeds = tuple(parse_feed(each, _doors(door or [])) for each in line)
    wanted = Wanted(
        store,
        vendor,
        serial,
        feeds,
        timezone=_zone(timezone),
        staff="excluded" if staff_excluded else "counted",
        reports_s=round(every_min * 60),
    )
    with database() as opened:
        password = register(opened, wanted, utc_now())
        counter = find(opened, wanted.login)
    _say(counter, "online")
    _show_login(wanted.login, password, at_broker=_let_in(wanted.login, password), json_=json_)


@app.command("list", epilog="Example: footfall counters list --json")
def list_(json_: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False) -> None:
    """List the counters: what they feed, when each was last heard, what is not in the ledger yet."""
    from ingest.counters.bridge import silent
    from ingest.counters.register import counters

    with database() as opened:
        found = counters(opened)
    now = utc_now()
    if json_:
        typer.echo(json.dumps([{**_as_dict(each), "silent": silent(each, now)} for each in found], default=str))
        return
    table = Table("counter", "store", "feeds", "staff", "heard", "waiting", box=None)
    for each in found:
        heard = f"{each.heard_at:%Y-%m-%d %H:%M}" if each.heard_at else "never"
        table.add_row(
            each.login, each.store, ", ".join(_feed(feed) for feed in each.feeds), each.staff,
            f"{heard} (silent)" if silent(each, now) else heard, str(each.waiting),
        )  # fmt: skip
    Console().print(table)


@app.command(epilog="Example: footfall counters check axis-b8a44fa89c85 push.json")
def check(
    login: Annotated[str, typer.Argument(help="The counter, as listed.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A push, as the device sends it.")],
    path: Annotated[str, typer.Option(help="Over MQTT: what follows footfall/counters/LOGIN/ in the topic.")] = "",
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Show a push as understood, and what it would feed; nothing is stored. Exit code 1 if some of it is not taken."""
    from ingest.counters.register import find
    from ingest.counters.taking import understood

    with database() as opened:
        counter = find(opened, login)
    said = understood(counter, file.read_bytes(), utc_now(), path=path)
    found = [_checked(counter, each) for each in said.readings]
    if json_:
        typer.echo(json.dumps(found, default=str))
    elif not found:
        typer.echo("it holds no counts of lines" if said.idle else "it holds no counts that we know")
    for each in () if json_ else found:
        typer.echo(f"{each['when']}: {each['counts']} of {each['names'] or 'its one element'} → {each['feeds']}")
    if not all(each["ok"] for each in found) or not (found or said.idle):
        raise typer.Exit(1)


@app.command(epilog="Example: footfall counters refused axis-b8a44fa89c85 --json")
def refused(
    login: Annotated[
        str | None, typer.Argument(help="The counter, or the name it called itself; default: all.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="At most so many, the newest first.")] = 50,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """List what was not taken and why, and intervals of which a counter said something else later."""
    from dataclasses import asdict

    from ingest.counters.register import refusals, restatements

    with database() as opened:
        not_taken, restated = refusals(opened, login, limit), restatements(opened, login, limit)
    if json_:
        found = {"refused": [asdict(each) for each in not_taken], "restated": [asdict(each) for each in restated]}
        typer.echo(json.dumps(found, default=str))
        return
    for refusal in not_taken:
        times = count_of(refusal.times, "time")
        typer.echo(f"{refusal.last_at:%Y-%m-%d %H:%M} {refusal.login}, {times}: {refusal.reason}")
    for each in restated:
        typer.echo(
            f"{each.at:%Y-%m-%d %H:%M} {each.login}, line {each.line}: {each.from_at:%Y-%m-%d %H:%M}–"
            f"{each.until:%H:%M} UTC was {each.ins_before} in, {each.outs_before} out, then {each.ins_said} in, "
            f"{each.outs_said} out: of each the higher number counts"
        )


@app.command(epilog="Example: footfall counters remove axis-b8a44fa89c85")
def remove(login: Annotated[str, typer.Argument(help="The counter, as listed.")]) -> None:
    """Take nothing from a counter any more; its doors are free for another. What it counted stays."""
    from ingest.counters.register import find
    from ingest.counters.registering import remove as unregister

    with database() as opened:
        counter = find(opened, login)
        unregister(opened, login, utc_now())
    _say(counter, "stopped")
    _let_in(login, None)
    typer.echo(f"removed {login}; what it counted stays, and its lines are out of service")


def _say(counter: "Counter", state: "DeviceState") -> None:
    """Say how a counter is, and put what waits of all of them into the ledger."""
    from ingest.counters.bridge import Bridge

    bridge = Bridge(database_url(), now=utc_now)
    try:
        bridge.deliver()
        bridge.say(counter, state)
    finally:
        bridge.close()


def _show_login(login: str, password: str, *, at_broker: bool, json_: bool) -> None:
    from ingest.counters.hearing import topic_of

    path, topic = f"/v1/counters/{login}", topic_of(login)
    if json_:
        typer.echo(json.dumps({"login": login, "password": password, "path": path, "topic": topic}))
        return
    typer.echo(
        f"registered {login}; set on the device, as docs/counters.md says:\n"
        f"  user name  {login}\n  password   {password}   (kept as hashes only: note it now)\n"
        f"  HTTP       POST {path}\n  MQTT       topic {topic}/…"
    )
    if not at_broker:
        typer.echo(
            "no broker of a `footfall up` is here: give yours this login, and let it write "
            f"{topic}/# (mosquitto_passwd -b passwords {login} PASSWORD)"
        )


def _zone(name: str | None) -> str | None:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name).key if name else None
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise typer.BadParameter(f"expected an IANA zone, got {name!r}", param_hint="--timezone") from error


def _let_in(login: str, password: str | None) -> bool:
    """Let a counter in at the broker of the `footfall up` here, or with None no more; False: there is none."""
    from deploy.counter_logins import CounterLogins
    from deploy.home import Home, default_folder
    from deploy.trust.broker_files import reload_broker

    folder = default_folder() / "broker"
    if not (folder / "passwords").exists():
        return False
    logins = CounterLogins(folder)
    if password is None:
        logins.drop(login)
    else:
        logins.put(login, password)
    reload_broker(Home(default_folder()))
    return True


def _doors(pairs: list[str]) -> dict[str, str]:
    doors = {}
    for text in pairs:
        line, equals, door = text.partition("=")
        if not equals or not door:
            raise typer.BadParameter(f"expected LINE=DOOR such as front=main, got {text!r}", param_hint="--door")
        doors[line] = door
    return doors


def _checked(counter: "Counter", reading: "Reading") -> dict[str, Any]:
    from ingest.counters.book import feeds_of
    from ingest.counters.readings import Interval
    from ingest.errors import PushError

    if isinstance(reading, Interval):
        when = f"{reading.from_at.isoformat()} to {reading.until.isoformat()}"
        counts = f"{reading.ins} in, {reading.outs} out"
    else:
        when, counts = reading.at.isoformat(), f"a total of {reading.total}"
    found = {"when": when, "counts": counts, "names": ", ".join(reading.names)}
    try:
        feed = feeds_of(counter, reading.names)
    except PushError as error:
        return {**found, "ok": False, "feeds": str(error)}
    return {**found, "ok": True, "feeds": f"line {feed.line} ({feed.role}), {feed.counts}"}


def _feed(feed: Any) -> str:
    return f"{feed.source or 'all'} → {feed.line} ({feed.role}, {feed.counts})"


def _as_dict(counter: "Counter") -> dict[str, Any]:
    from dataclasses import asdict

    kept = {key: value for key, value in asdict(counter).items() if key not in ("token_sha256", "digest_ha1", "feeds")}
    feeds = [{key: value for key, value in asdict(feed).items() if key != "feed_id"} for feed in counter.feeds]
    return {**kept, "zone": counter.zone.key, "feeds": feeds}
