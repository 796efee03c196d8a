"""Who decides and why: options that every command of `footfall config` that changes something has."""

import getpass
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from deploy.control.desires import Decision

By = Annotated[str | None, typer.Option(help="Who decides it; default: the user of this machine.")]
Why = Annotated[str | None, typer.Option(help="Why: kept in the log.")]


def decided(by: str | None, why: str | None) -> "Decision":
    """Return the decision of this moment."""
    from analytics.clock import utc_now
    from deploy.control.desires import Decision

    return Decision(by=by or getpass.getuser(), why=why, at=utc_now())
