"""What a reader typed and chose, kept in the address: a reload, the way back and another browser show the same."""

import json
from collections.abc import Sequence
from typing import Any

from dash import ClientsideFunction, Input, Output, State, dcc, html

from dashboard.components.attributes import data

#: The name in the address, the field's id, and what it holds where the address does not name it.
Kept = tuple[str, str, str]


def address_of(id_: str, kept: Sequence[Kept]) -> Any:
    """Return what tells `assets/browser.js` where each field stands in the address."""
    return html.Div(dcc.Store(id=id_, data=kept), hidden=True, **data(address=json.dumps(kept)))


def keep_in_address(app: Any, id_: str, kept: Sequence[Kept]) -> None:
    """Register that fields stand in the address; Dash gives this method no types."""
    app.clientside_callback(
        ClientsideFunction("footfall", "intoAddress"),
        Output(id_, "modified_timestamp"),
        *(Input(field, "value") for _, field, _ in kept),
        State(id_, "data"),
        prevent_initial_call=True,
    )
