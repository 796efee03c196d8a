"""`footfall edge`: the camera box."""

import json
import logging
import os
import signal
import threading
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from deploy.cli.edge_enroll import enroll, picture_size
from deploy.cli.edge_propose import propose

if TYPE_CHECKING:
    from edge.config import BrokerConfig

app = typer.Typer(no_args_is_help=True)
app.command(epilog="Example: footfall edge propose rtsp://10.0.0.20/stream1 --minutes 60 --svg lines.svg")(propose)
app.command(epilog="Example: footfall edge enroll K7QF-2M9X-… --server https://footfall.example.com:8443")(enroll)

_Site = Annotated[Path, typer.Option(help="The site file (TOML); `footfall edge init` writes a first one.")]
_FINDINGS = 1
_MARKS = {"error": ("✗", typer.colors.RED), "warning": ("!", typer.colors.YELLOW)}


@app.command(epilog="Example: footfall edge run --site site.toml")
def run(context: typer.Context, site: _Site = Path("site.toml")) -> None:
    """Count on every camera of the site until Ctrl-C or SIGTERM; a clip that is not looped ends it by itself."""
    from edge.agent import Agent
    from edge.clock import SystemClock
    from edge.config import load_site
    from edge.control.opening import Controlled
    from edge.control.trial import settle
    from edge.releases.application import RESTART_CODE
    from edge.renewal import Renewal
    from edge.service_manager import ServiceManager
    from edge.site_check import require_models
    from edge.starts import Starts

    given = context.find_root().get_parameter_source("log_level")
    if given is not None and given.name == "DEFAULT":
        # A service: its log has to tell that a camera or the broker came back, not only that it went.
        logging.getLogger("edge").setLevel(logging.INFO)
    settle(site.resolve())
    loaded = load_site(site)
    stop = threading.Event()

    def _stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    starts = Starts(loaded.outbox.path, SystemClock())
    with starts.running():
        require_models(loaded)
        agent = Agent(loaded, manager=ServiceManager(os.environ), starts=starts, controlled=Controlled(site.resolve()))
        typer.echo(
            f"{loaded.store}/{loaded.device} counts on {len(loaded.cameras)} camera(s) and reports to "
            f"{loaded.broker.host}:{loaded.broker.port}; Ctrl-C stops it"
        )
        renewal = Renewal(loaded.broker, SystemClock())
        renewal.start()
        try:
            agent.run(stop)
        finally:
            renewal.stop()
    typer.echo(f"stopped after seq {agent.outbox.last_seq}; {agent.waiting} entries wait for the next start")
    if agent.restarting:
        raise typer.Exit(RESTART_CODE)


@app.command("check-config", epilog="Example: footfall edge check-config --site site.toml")
def check_config(
    site: _Site = Path("site.toml"),
    json_: Annotated[bool, typer.Option("--json", help="One JSON object: findings and what passed.")] = False,
    timeout: Annotated[float, typer.Option(min=0.5, max=60, help="Seconds the broker may take.")] = 5.0,
    person_height: Annotated[
        float | None, typer.Option(min=8, max=8_192, help="How tall people are in the pictures, in pixels, if known.")
    ] = None,
    beside: Annotated[
        bool, typer.Option("--beside", help="Leave out cameras and broker, which the agent that runs uses.")
    ] = False,
) -> None:
    """Look at all that the agent needs: cameras, lines, zones, models, outbox, audit page, broker. Exit 1 on an error.

    Lines and zones that could not count, count in part or count twice are named, with why and what to do.
    """
    from edge.site_check import check_site

    console = Console(stderr=True)
    with console.status(f"checking {site}"):
        report = check_site(site, broker_timeout_s=timeout, person_px=person_height, beside=beside)
    if json_:
        typer.echo(json.dumps(report.as_plain_data(), ensure_ascii=False))
    else:
        for line in report.passed:
            typer.secho(f"✓ {line}", fg=typer.colors.GREEN)
        for finding in report.findings:
            mark, color = _MARKS[finding.severity]
            typer.secho(f"{mark} {finding.about} {finding.name}: {finding.problem}", fg=color)
    if not report.works:
        raise typer.Exit(_FINDINGS)


@app.command(epilog="Example: footfall edge init rtsp://10.0.0.20/stream1 --store riverside --device door-box")
def init(
    source: Annotated[str, typer.Argument(help="rtsp://…, http://…, usb:0, a folder of images or a video file.")],
    site: _Site = Path("site.toml"),
    store: Annotated[str, typer.Option(help="The store's name: a lower-case slug.")] = "my-store",
    device: Annotated[str, typer.Option(help="This box's name, unique within the store.")] = "door-box",
) -> None:
    """Write a commented site file for one camera, with a line across the middle of its picture."""
    from edge.config import load_site
    from edge.linting.site import lint_camera
    from edge.starter import write_starter

    size = picture_size(source)
    write_starter(site, source, store=store, device=device, size=size, broker=_running_broker())
    for problem in lint_camera(load_site(site).cameras[0], size):
        typer.secho(f"! {problem}", fg=typer.colors.YELLOW, err=True)
    typer.echo(f"wrote {site}: move its line to your door, then: footfall edge check-config --site {site}")


def _running_broker() -> "BrokerConfig | None":
    """Return how a box reaches the broker of the `footfall up` that runs here, if one does."""
    from urllib.parse import urlsplit

    from deploy.home import default_folder
    from edge.config import BrokerConfig

    url = urlsplit(os.environ.get("FOOTFALL_DEVICE_BROKER_URL", ""))
    password_file = default_folder().resolve() / "broker" / f"{url.username}.password"
    if not url.hostname or not url.port or not password_file.exists():
        return None
    return BrokerConfig(host=url.hostname, port=url.port, username=url.username, password_file=str(password_file))
