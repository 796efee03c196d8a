"""A button that takes a file, with a name that a screen reader can say."""

from typing import Any

from dash import dcc, html


def file_button(name: str, text: str, *, id_: str | dict[str, str], accept: str, bytes_max: int) -> Any:
    """Return the button under its `name`; the file comes as the property `contents` of `id_`."""
    button = html.Button(text, type="button", className="quiet")
    return html.Label(
        [html.Span(name, className="label"), dcc.Upload(button, id=id_, max_size=bytes_max, accept=accept)],
        className="file",
    )
