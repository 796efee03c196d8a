"""Reading metrics as Prometheus does: over HTTP, with the client library's own parser."""

from urllib.request import urlopen

from prometheus_client import CollectorRegistry, Metric, generate_latest
from prometheus_client.parser import text_string_to_metric_families


class Scraped:
    """The families of one page of metrics."""

    def __init__(self, text: str) -> None:
        self.families: dict[str, Metric] = {each.name: each for each in text_string_to_metric_families(text)}

    @property
    def names(self) -> set[str]:
        """Every series' name, as a query uses it."""
        return {sample.name for family in self.families.values() for sample in family.samples}

    def value(self, name: str, **labels: str) -> float | None:
        """Return the series of this name and these labels; None where there is none."""
        return next(
            (sample.value for family in self.families.values() for sample in family.samples
             if sample.name == name and sample.labels == labels), None,
        )  # fmt: skip

    def labels(self, name: str) -> list[dict[str, str]]:
        """Return the labels of each series of this name."""
        return [sample.labels for family in self.families.values() for sample in family.samples if sample.name == name]


def scrape(url: str) -> Scraped:
    with urlopen(url, timeout=20) as answer:  # noqa: S310  # ours, on loopback
        assert answer.headers["Content-Type"].startswith("text/plain")
        return Scraped(answer.read().decode())


def read(registry: CollectorRegistry) -> Scraped:
    return Scraped(generate_latest(registry).decode())
