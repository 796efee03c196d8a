"""`footfall demo`: everything on this machine, with something to see."""

from typing import Annotated

import typer

app = typer.Typer()


@app.command(epilog="Example: footfall demo --minutes 10 --stores 4")
def demo(
    minutes: Annotated[float | None, typer.Option(min=0.1, help="Stop by itself after so long.")] = None,
    stores: Annotated[int, typer.Option(min=1, help="Simulated stores beside the real one.")] = 8,
    history: Annotated[bool, typer.Option(help="Eight weeks behind the simulated stores.")] = True,
    audit: Annotated[bool, typer.Option("--audit", help="Serve the camera's audit page to phones.")] = False,
    browser: Annotated[bool, typer.Option(help="Open the dashboard in a browser.")] = False,
    dashboard_port: Annotated[
        int, typer.Option(min=1, max=65_535, help="Where the pages are; a free port if another program has it.")
    ] = 8050,
    json_: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Start database, broker, ingest, API, dashboard, a camera agent on a real clip, and simulated stores.

    Ctrl-C stops everything; the data stays in FOOTFALL_HOME, a second start goes on with it.
    """
    import webbrowser

    from deploy.demo.run import DemoPlan, run_demo
    from deploy.installation import running
    from deploy.simulation.fleet import fleet

    fleet(stores)  # says how many there are before anything is started
    with running(json_=json_, dashboard_port=dashboard_port) as machine:
        shown = (lambda: webbrowser.open(machine.dashboard_url)) if browser else None
        run_demo(machine, DemoPlan(stores=stores, history=history, minutes=minutes, audit=audit), when_up=shown)
