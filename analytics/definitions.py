"""Definitions: what each number of the product means, once.

The screen's tooltips and `docs/kpis.md` are made from here: `python -m analytics.definitions` rewrites the document.
Texts are English and double as catalogue keys of the dashboard.
"""

from pathlib import Path
from typing import Final

from analytics.definition import Computed, Definition, Unit, mark, mark_many
from analytics.metrics.comparison import COMPARISONS
from analytics.metrics.inside import INSIDE
from analytics.metrics.people import PEOPLE
from analytics.metrics.sales import RETURNING, SALES
from analytics.metrics.staffing import STAFFING
from analytics.metrics.trust import TRUST
from analytics.sources import PARAMETERS, names, source

DOCUMENT: Final = Path(__file__).parents[1] / "docs" / "kpis.md"

__all__ = ["DEFINITIONS", "DOCUMENT", "Computed", "Definition", "Unit", "mark", "mark_many"]

_ALL: Final = (*PEOPLE, *INSIDE, *SALES, *COMPARISONS, *STAFFING, *RETURNING, *TRUST)

DEFINITIONS: Final[dict[str, Definition]] = {one.id: one for one in _ALL}


def document() -> str:
    """Return `docs/kpis.md`."""
    head = """# What each number means

Made from `analytics/metrics/` by `python -m analytics.definitions`; tests keep the two equal, and what a metric's SQL
answers on a real database equal to what its Python makes of the same rows.

Every figure comes with its quality (measured, partial), its completeness and the moment it holds for. What nobody
measured has no value, which is not zero. What is counted in a zone is as complete as the camera that looks at it,
not as the doors. Ratios over days or stores are ratios of sums. Days are the shop's own business days on its own clock.

Intervals are 95 %. What is counted per visitor or per group (conversion, capture rate, stops, queueing) has a sampling
interval: Wilson's, wider or narrower as people come in groups, of which one pays and queues and all stop. ATV, units
per transaction and the average item have one from how the store's last 200 orders differ. Shares of stays, of waits and
of sales with a customer reference have Wilson's, widened as far as neighbours, or sales of one customer, agree. Medians
and 90th percentiles of stays and waits have that of Kaplan and Meier's curve, turned round (Brookmeyer and Crowley) and
again widened; a median needs 20 of them, a 90th percentile 100. Where every line that counts was audited in the last
90 days, visitors, passers-by and groups have an interval, too: the range in which the truth lies, given the
audits' misses and doubles ([how](audit.md)). It is carried into all that is counted per visitor or group, and into
sales per visitor, where all errors add in squares on the log scale. Zones and queues are not audited: stays that no
camera saw are not in it. How often these ranges hold the truth of a simulated fleet stands in [truth.md](truth.md).
The value shown stays what was counted, so it may lie beside its range: then the line counts too few or too many, and
the page says so ([why](adr/0006-never-correct-a-count.md)).

| id | name | formula | unit | mind | version |
|---|---|---|---|---|---|
"""
    lines = [f"| `{one.id}` | {one.name} | {one.formula} | {one.unit} | {one.trap} | {one.version} |" for one in _ALL]
    return head + "\n".join(lines) + "\n" + _sql() + _sources()


def _sql() -> str:
    parameters = ", ".join(f"`{name}`" for name in PARAMETERS)
    return (
        "\n## In SQL\n\nWhat a metric's SQL reads is its source, one of the relations further down: "
        "`WITH source AS (…)` after the sources that it reads itself, then the metric. Named parameters are as psycopg "
        "takes them: "
        f"{parameters}; `first` and `last` are business dates, both included, `dates` and `compared` arrays of one "
        "length that say which day is compared with which. What is a store's own (a usual week, a place, a lag) is "
        "answered of the first of the stores, what is an hour's of the hour that its wall clock shows at `now`; "
        "nothing but the waits of this moment is withheld here. `GET /v1/metrics` gives both texts, too.\n\n"
        + "\n".join(f"`{one.id}`\n\n```sql\n{one.computed.sql}\n```\n" for one in _ALL)
    )


def _sources() -> str:
    return "\n## Sources\n\n" + "\n".join(_source(name) for name in names())


def _source(name: str) -> str:
    reads = ", ".join(f"`{need}`" for need in source(name).needs)
    return f"### {name}\n\n{f'Reads {reads}.' if reads else 'Reads tables.'}\n\n```sql\n{source(name).sql}\n```\n"


def main() -> None:
    """Write the document."""
    DOCUMENT.parent.mkdir(exist_ok=True)
    DOCUMENT.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
