"""The evaluation as people read it: a table for the terminal, and the section of docs/accuracy.md."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from rich.table import Table

from deploy.bench.document import replace_section
from deploy.bench.machine import in_words
from deploy.errors import TruthError
from deploy.evaluation.scores import KINDS, WAYS

Result = dict[str, Any]
SECTION: Final = "models evaluate"
_TITLE: Final = "# How well people are counted\n"
TOOLS: Final = {
    "footfall": "Footfall",
    "object_counter": "ObjectCounter",
    "trackers_linezone": "trackers + LineZone",
}
_NOTHING: Final = "–"


def tables(result: Result) -> Iterator[Table]:
    """Yield what a terminal shows: counts of all tools, then our figures by direction, then zones."""
    rows = list(_counts(result))
    yield _table("predicted / matched", ("model", "clip", "fps", "truth", *TOOLS.values()), rows)
    yield _table("Footfall by direction", _DIRECTION_HEAD, list(_directions(result)))
    zones = list(_zones(result))
    if zones:
        yield _table("zones and occupancy", _ZONE_HEAD, zones)
    followed = list(_tracking(result))
    if followed:
        yield _table("tracking, by TrackEval", _TRACK_HEAD, followed)


def notes(result: Result) -> Iterator[str]:
    """Yield what a reader of the tables must know besides."""
    for name, facts in result["clips"].items():
        yield from (f"{name}: {note}" for note in facts["notes"])
    if result["truth_without_clip"]:
        yield f"truth without a clip here, left out: {', '.join(result['truth_without_clip'])}"
    for model, tools in result["by_model"].items():
        yield from (f"{TOOLS[rival]}, {model}: {reason}" for rival, reason in tools["reasons"].items())


def write(document: Path, result: Result, command: str) -> None:
    """Put the tables into their section of `document`.

    Raises:
        TruthError: the document cannot be read or written.
    """
    try:
        replace_section(document, SECTION, section_text(result, command), title=_TITLE)
    except OSError as error:
        raise TruthError(f"{document}: cannot be written: {error}") from error


def section_text(result: Result, command: str) -> str:
    """Return the section: how it was measured, and the tables in Markdown."""
    clips = ", ".join(f"`{name}` ({each['fps']:g} fps)" for name, each in result["clips"].items())
    parts = [
        "## On real clips, beside what one could pick instead",
        f"```\n{command}\n```",
        f"{in_words()}, Python {result['machine']['python']}; {_versions(result)}. Clips: {clips}.",
        _COUNT_WORDS,
        _markdown(("model", "clip", "fps", "truth", *TOOLS.values()), _counts(result)),
        "### Footfall, by direction",
        "95 % Wilson intervals; n is the number of true crossings for recall, of counted ones for precision.",
        _markdown(_DIRECTION_HEAD, _directions(result)),
    ]
    zones = list(_zones(result))
    if zones:
        parts += ["### Stays and people inside", _ZONE_WORDS, _markdown(_ZONE_HEAD, zones)]
    followed = list(_tracking(result))
    if followed:
        parts += ["### Following, by TrackEval", _markdown(_TRACK_HEAD, followed)]
    parts += ["### With clips of your own", _OWN_CLIPS]
    parts += ["### Beside the figures", "\n".join(f"- {note}" for note in notes(result))] if any(notes(result)) else []
    return "\n\n".join(parts) + "\n"


_COUNT_WORDS: Final = (
    "A cell is *predicted / matched*: what the tool counted, and how much of that is a true crossing, one to one, in "
    "the right direction and within the truth's tolerance (where frames are left out, widened by one step)."
)
_DIRECTION_HEAD: Final = ("model", "fps", "way", "recall", "precision", "missed", "double", "wrong way", "invented")
_OWN_CLIPS: Final = """Put clips into one folder and, per clip, one file of truth into another, named like the clip:

```json
{"video": "shop.mp4", "fps": 25, "size": [1920, 1080],
 "lines": [{"name": "door", "a": [600, 0], "b": [600, 431], "anchor": "foot",
            "crossings": [{"frame": 190, "direction": "left_to_right", "tol_frames": 4}]}],
 "zones": [{"name": "table", "polygon": [[360, 340], [580, 340], [580, 431]], "anchor": "centre",
            "visits": [{"enter_frame": 72, "exit_frame": 187, "dwell_s": 11.5}], "persons_inside_end": 1}],
 "occupancy_true": [{"frames": [0, 13], "persons": 2}]}
```

Pixels from the upper left, frames from 0; `direction` is `left_to_right`, `right_to_left`, `up`, `down`, `in` or `out`;
a line may state totals (`"in": 6`) instead of `crossings`. Boxes in MOTChallenge's form beside the truth file
(`shop.mot.txt`) add HOTA, IDF1 and MOTA, by TrackEval. n decides what a figure is worth: with 40 crossings and no error
the interval still reaches down to 91 %."""
_ZONE_HEAD: Final = ("model", "clip", "fps", "where", "stays", "dwell error, s", "people inside")
_TRACK_HEAD: Final = ("model", "clip", "fps", "tool", "HOTA", "IDF1", "MOTA", "id switches")
_ZONE_WORDS: Final = (
    "Stays: counted / matched of true ones. Dwell error: median and largest, absolute, of matched stays. People "
    "inside: mean error per analysed frame."
)


def _counts(result: Result) -> Iterator[Sequence[str]]:
    for model, tools in result["by_model"].items():
        for clip, rates in tools["footfall"]["clips"].items():
            for rate, ours in rates.items():
                if ours["predicted"] is not None:
                    cells = [_cell(tools[tool] and tools[tool]["clips"][clip][rate]) for tool in TOOLS]
                    yield model, clip, rate, _shown(ours["truth"]), *cells
        for rate in result["rates"]:
            sums = [_cell(tools[tool] and tools[tool]["totals"][rate]) for tool in TOOLS]
            yield model, "all with truth", rate, _shown(tools["footfall"]["totals"][rate]["truth"]), *sums


def _cell(counted: Result | None) -> str:
    if not counted or counted["predicted"] is None:
        return _NOTHING
    return f"{counted['predicted']} / {_shown(counted['matched'])}"


def _directions(result: Result) -> Iterator[Sequence[str]]:
    for model, tools in result["by_model"].items():
        for rate, sums in tools["footfall"]["totals"].items():
            for way in WAYS:
                row = sums[way]
                faults = (str(row[kind]) for kind in KINDS)
                yield model, rate, way, _share(row["recall"]), _share(row["precision"]), *faults


def _zones(result: Result) -> Iterator[Sequence[str]]:
    for model, tools in result["by_model"].items():
        for clip, rates in tools["footfall"]["clips"].items():
            for rate, counted in rates.items():
                for zone, row in counted["zones"].items():
                    yield model, clip, rate, zone, _stays(row["visits"]), _dwell(row), _inside(row)
                if "occupancy" in counted:
                    yield model, clip, rate, "whole picture", _NOTHING, _NOTHING, _error(counted["occupancy"])


def _tracking(result: Result) -> Iterator[Sequence[str]]:
    for model, tools in result["by_model"].items():
        for tool, title in TOOLS.items():
            for clip, rates in (tools[tool] or {"clips": {}})["clips"].items():
                for rate, counted in rates.items():
                    if "tracking" in counted:
                        row = counted["tracking"]
                        figures = (row.get(key) for key in ("HOTA", "IDF1", "MOTA", "id_switches"))
                        yield model, clip, rate, title, *(_NOTHING if each is None else str(each) for each in figures)


def _stays(visits: Result) -> str:
    if visits["truth"] is None:
        return str(visits["predicted"])
    return f"{visits['predicted']} / {visits['matched']} of {visits['truth']}"


def _dwell(row: Result) -> str:
    dwell = row.get("dwell")
    if not dwell or dwell["median_error_s"] is None:
        return _NOTHING
    return f"{dwell['median_error_s']:.2f}, {dwell['max_error_s']:.2f}"


def _inside(row: Result) -> str:
    end = row.get("inside_end")
    at_end = f"at the end {_shown(end['predicted'])} of {end['truth']}" if end else ""
    mean = _error(row["occupancy"]) if "occupancy" in row else ""
    return ", ".join(word for word in (mean, at_end) if word) or _NOTHING


def _error(occupancy: Result) -> str:
    return _NOTHING if occupancy["mean_error"] is None else f"{occupancy['mean_error']:.2f}"


def _share(share: Result) -> str:
    if share["value"] is None:
        return _NOTHING
    low, high = share["interval"]
    return f"{share['value']:.1%} [{low:.1%}, {high:.1%}], n = {share['n']}"


def _versions(result: Result) -> str:
    found: dict[str, str] = {}
    for tools in result["by_model"].values():
        for rival in list(TOOLS)[1:]:
            for rates in (tools[rival] or {"clips": {}})["clips"].values():
                for counted in rates.values():
                    found |= counted.get("versions", {})
    return ", ".join(f"{name} {number}" for name, number in found.items()) or "without the rivals"


def _shown(value: int | None) -> str:
    return _NOTHING if value is None else str(value)


def _table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    table = Table(*head, title=title, title_justify="left")
    for row in rows:
        table.add_row(*row)
    return table


def _markdown(head: Sequence[str], rows: Iterator[Sequence[str]] | Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
