"""Set-up pictures of a store's cameras: asking for one, and looking at one. It has no address of its own."""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import dash_mantine_components as dmc
from dash import ALL, Dash, Input, Output, State, ctx, dcc, html, no_update

from analytics.definitions import mark
from analytics.stores import Store
from dashboard.components.attributes import data
from dashboard.components.figures import empty, section
from dashboard.components.wrong import EXPECTED, problem, said, wrong
from dashboard.language import Language, language_of
from dashboard.pages.page import Services
from dashboard.set_up.office import Picture, PictureState

TICK_MS: Final = 10_000
_STATES: Final[dict[PictureState, str]] = {
    "waiting": mark("the box has been asked"),
    "taking": mark("the box is taking it: about six minutes"),
    "refused": mark("the box sent none: {reason}"),
    "unanswered": mark("the box did not answer"),
    "ready": mark("there until {at}"),
    "deleted": mark("deleted after its day"),
}


@dataclass(frozen=True, slots=True)
class _When:
    """The moment and the store whose time it is told in."""

    now: datetime
    store: Store


def pictures_section(services: Services, store: Store, lang: Language) -> Any:
    """Return what stands on the store's set-up page about its cameras' backgrounds."""
    parts = [
        dcc.Interval(id="picture-tick", interval=TICK_MS),
        html.P(lang.t("What a camera looks at, without anybody in it. Everyone who asks or looks is written down.")),
        dmc.TextInput(
            id="picture-why",
            label=lang.t("What for"),
            placeholder=lang.t("to draw the entrance line"),
            w=360,
            maw="100%",
        ),
        html.Div(camera_list(services, store, lang), id="picture-cameras"),
        html.Div(id="picture-result"),
    ]
    return section(lang.t("Cameras' backgrounds"), html.Div(parts), name="pictures")


def camera_list(services: Services, store: Store, lang: Language) -> Any:
    """Return a row per camera with how its latest request stands."""
    latest: dict[tuple[str, str], Picture] = {}
    for picture in services.desk.pictures(store.code):
        latest.setdefault((picture.device, picture.camera), picture)
    boxes = [box for _, box in services.reading.fleet(store.code).boxes if box.standing == "enrolled"]
    cameras = [(box.device.code, camera) for box in boxes for camera, _, _, _ in box.device.cameras]
    if not cameras:
        return empty(lang.t("No enrolled box has told of a camera yet."))
    rows = [
        _row(device, camera, latest.get((device, camera)), _When(services.desk.now(), store), lang)
        for device, camera in cameras
    ]
    return html.Ul(rows, className="camera-list")


def register(app: Dash, services: Services) -> None:
    """Register what the buttons do, and what keeps the states fresh."""

    @app.callback(
        Output("picture-result", "children"),
        Output("picture-cameras", "children"),
        Input({"picture": ALL, "box": ALL, "camera": ALL}, "n_clicks"),
        Input("picture-tick", "n_intervals"),
        State("picture-why", "value"),
        State("box-store", "data"),
        prevent_initial_call=True,
    )
    def act(_clicks: list[int | None], _tick: int | None, why: str | None, shown: dict[str, str]) -> Any:
        pressed = ctx.triggered_id
        if not isinstance(pressed, dict):
            return acted(services, None, why, shown)
        return acted(services, pressed, why, shown) if ctx.triggered[0]["value"] else (no_update, no_update)


def acted(
    services: Services, pressed: dict[str, str] | None, why: str | None, shown: dict[str, str]
) -> tuple[Any, Any]:
    """Ask for a picture or show one, as the button that was `pressed` says; return what to say, and the cameras."""
    lang = language_of(shown["lang"])
    try:
        store = services.reading.store(shown["store"])
        result = no_update if pressed is None else _done(services, store, pressed, (why or "").strip(), lang)
        return result, camera_list(services, store, lang)
    except EXPECTED as error:
        return problem(error, lang), no_update


def _done(services: Services, store: Store, pressed: dict[str, str], why: str, lang: Language) -> Any:
    device, camera = pressed["box"], pressed["camera"]
    if pressed["picture"] == "ask":
        if not why:
            return wrong("why", lang)
        services.desk.ask_picture(store.code, device, camera, why)
        return said(lang.t("Asked. The box needs about six minutes; the picture is deleted after a day."))
    known = (one for one in services.desk.pictures(store.code) if (one.device, one.camera) == (device, camera))
    picture = next((one for one in known if one.state == "ready"), None)
    if picture is None:
        return wrong("picture", lang)
    image = base64.b64encode(services.desk.picture(store.code, picture.request)).decode("ascii")
    at = lang.when(picture.asked_at, services.desk.now(), store.zone)
    words = lang.t("{camera}, asked for by {who} at {at}. Hatched: somebody was there.", camera=camera,
                   who=picture.asked_by, at=at)  # fmt: skip
    return html.Figure(
        [html.Img(src=f"data:image/jpeg;base64,{image}", alt=words), html.Figcaption(words)],
        className="background",
        **data(of=camera),
    )


def _row(device: str, camera: str, picture: Picture | None, when: _When, lang: Language) -> Any:
    state = "" if picture is None else _state(picture, when, lang)
    ask = html.Button(
        lang.t("Ask for it"), id={"picture": "ask", "box": device, "camera": camera}, className="quiet",
        disabled=picture is not None and picture.state in ("waiting", "taking"),
    )  # fmt: skip
    show = html.Button(lang.t("Show it"), id={"picture": "show", "box": device, "camera": camera}, className="quiet")
    ready = picture is not None and picture.state == "ready"
    return html.Li(
        [html.B(f"{device} · {camera}"), html.Span(state, className="state"), show if ready else None, ask],
        **data(camera=f"{device}/{camera}", state=picture.state if picture else "none"),
    )


def _state(picture: Picture, when: _When, lang: Language) -> str:
    until = picture.delete_at and lang.when(picture.delete_at, when.now, when.store.zone)
    return lang.t(_STATES[picture.state], at=until, reason=picture.reason or "")
