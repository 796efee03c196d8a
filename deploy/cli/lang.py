"""The languages that commands write in, as `--lang` takes them."""

from typing import Annotated, Literal

import typer

_HELP = "The language."
Lang = Annotated[Literal["en", "zh"], typer.Option(help=_HELP)]
LangOrAccounts = Annotated[Literal["en", "zh"] | None, typer.Option(help=f"{_HELP} Default: the account's.")]
