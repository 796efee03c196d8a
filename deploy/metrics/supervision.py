"""Metrics of the supervisor: which of its services run, and how often they were started again."""

from collections.abc import Iterable
from pathlib import Path

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from deploy.children import load, seen_now


class SupervisionCollector(Collector):
    """Reads the record that the supervisor keeps of its children."""

    def __init__(self, record: Path) -> None:
        self._record = record

    def collect(self) -> Iterable[Metric]:
        """Return the families."""
        up = GaugeMetricFamily(
            "footfall_supervisor_service_up", "1: the service runs, or has finished as it should.", labels=["service"]
        )
        crashing = GaugeMetricFamily(
            "footfall_supervisor_service_crashing", "1: it ended five times in a row.", labels=["service"]
        )
        restarts = CounterMetricFamily(
            "footfall_supervisor_service_restarts", "How often it was started again.", labels=["service"]
        )
        for child in seen_now(load(self._record)):
            up.add_metric([child.name], float(child.state in ("running", "finished")))
            crashing.add_metric([child.name], float(child.state == "crashing"))
            restarts.add_metric([child.name], child.restarts)
        return [up, crashing, restarts]


def supervision(record: Path) -> CollectorRegistry:
    """Return a registry with the supervisor's metrics."""
    registry = CollectorRegistry()
    registry.register(SupervisionCollector(record))
    return registry
