"""The table that sorts and scrolls, alike on every page: its look, its rows' height, how a row is opened."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import dash_ag_grid as dag
from dash import html

from dashboard.language import Language

_Thing = TypeVar("_Thing")

#: So many rows stand on the page as they are; more scroll within the table, so that only those in sight are drawn.
ROWS_WHOLE: Final = 30
_LONG_HEIGHT: Final = "max(480px, calc(100vh - 120px))"
_THEME: Final = (
    "themeQuartz.withParams({backgroundColor: 'var(--surface)', foregroundColor: 'var(--ink)', "
    "headerBackgroundColor: 'var(--surface)', headerTextColor: 'var(--muted)', headerFontWeight: 500, "
    "borderColor: 'var(--line)', rowHoverColor: 'var(--hover)', wrapperBorder: false, columnBorder: false, "
    "fontFamily: 'inherit', fontSize: 14, headerFontSize: 12, cellHorizontalPadding: 12, accentColor: 'var(--accent)', "
    "headerColumnResizeHandleColor: 'transparent', browserColorScheme: 'inherit'})"
)

_COLUMN: Final = {
    "resizable": False,
    "sortable": True,
    "suppressHeaderMenuButton": True,
    "cellDataType": False,
}
#: So many rows of a table that is turned over are a page.
PAGE: Final = 50
_PAGING: Final = {
    "pagination": True,
    "paginationPageSize": PAGE,
    "suppressPaginationPanel": False,
    "paginationPageSizeSelector": False,
}


def grid(
    grid_id: str,
    columns: list[dict[str, Any]],
    rows: list[dict[str, Any]],
    lang: Language,
    *,
    row_id: str = "code",
    row_px: int = 48,
    fits: str | None = None,
    turned: bool = False,
    nothing: str | None = None,
    sort: str | None = None,
) -> Any:
    """Return a table of records; a click, or Enter, opens a row's `href`.

    `fits` is the function in `assets/dashAgGridComponentFunctions.js` that leaves columns out on a narrow screen.
    A table that is `turned` over goes page by page, as soon as it has more rows than one; any other long one scrolls in
    itself. `nothing` is said where there is no row. `sort`, a column and `asc` or `desc`, is how the address
    has it sorted; None: as the columns say.
    """
    long = len(rows) > ROWS_WHOLE and not turned
    fitting = [f"{fits}(params)"] if fits else []
    return html.Div(
        dag.AgGrid(
            id=grid_id,
            columnDefs=sorted_as(columns, sort),
            rowData=rows,
            getRowId=f"params.data.{row_id}",
            defaultColDef=_COLUMN,
            dashGridOptions={
                "theme": {"function": _THEME},
                # What the address leaves out: `sortIntoAddress` tells another order from it.
                "context": {"sort": _sort_of(columns)},
                "rowHeight": row_px,
                "headerHeight": 40,
                "domLayout": "normal" if long else "autoHeight",
                "suppressMovableColumns": True,
                "tooltipShowDelay": 300,
                "animateRows": False,
                "localeText": _words(lang, nothing or lang.t("No stores yet")),
                **(_PAGING if turned else {}),
            },
            eventListeners={
                "sortChanged": ["sortIntoAddress(params)"],
                "rowClicked": ["openStore(params)"],
                "cellKeyDown": ["openStoreByKey(params)"],
                **({"columnResized": fitting, "gridSizeChanged": fitting} if fits else {}),
            },
            columnSize="responsiveSizeToFit",
            style={"width": "100%", "height": _LONG_HEIGHT if long else None},
            dangerously_allow_code=False,
        ),
        className="table",
    )  # fmt: skip


def sorted_as(columns: list[dict[str, Any]], sort: str | None) -> list[dict[str, Any]]:
    """Return the columns with the order of an address, such as `visitors.desc`; one that they do not have is none."""
    name, _, way = (sort or "").rpartition(".")
    if way not in ("asc", "desc") or all(_id(one) != name or one.get("sortable") is False for one in columns):
        return columns
    plain = [{name: value for name, value in one.items() if name != "sort"} for one in columns]
    return [{**one, "sort": way} if _id(one) == name else one for one in plain]


def in_order(
    things: Sequence[_Thing], records: Sequence[dict[str, Any]], columns: list[dict[str, Any]], sort: str | None
) -> list[_Thing]:
    """Return things, one for each record, in the order that the table shows the records in; None is the smallest."""
    by = next((one for one in sorted_as(columns, sort) if "sort" in one), None)
    if by is None:
        return list(things)
    values = [record[by["field"]] for record in records]
    places = sorted(
        range(len(values)),
        key=lambda place: (values[place] is not None, 0 if values[place] is None else values[place]),
        reverse=by["sort"] == "desc",
    )
    return [things[place] for place in places]


def _id(column: dict[str, Any]) -> str:
    return str(column.get("colId", column["field"]))


def _sort_of(columns: list[dict[str, Any]]) -> str:
    return next((f"{_id(one)}.{one['sort']}" for one in columns if "sort" in one), "")


def _words(lang: Language, nothing: str) -> dict[str, str]:
    """Return what the table itself says, some of it only to a screen reader."""
    return {
        "noRowsToShow": nothing, "to": "–", "of": "/", "more": "…", "page": lang.t("Page"),
        "firstPage": lang.t("First page"), "previousPage": lang.t("Page before"), "nextPage": lang.t("Next page"),
        "lastPage": lang.t("Last page"), "ariaPageSizeSelectorLabel": lang.t("Rows on a page"),
        "ariaSortableColumn": lang.t("Press Enter to sort"),
    }  # fmt: skip
