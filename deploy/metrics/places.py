"""Where the metrics of what `footfall up` runs are, as a file in its home, and as Prometheus wants to be told."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

RULES: Final = Path(__file__).resolve().parents[1] / "prometheus" / "alerts.yml"
_EXAMPLE: Final = RULES.with_name("prometheus.yml")


def write_places(path: Path, places: Mapping[str, str]) -> None:
    """Keep the URL of each service's metrics."""
    path.write_text(json.dumps(dict(places), indent=2) + "\n", encoding="utf-8")


def read_places(path: Path) -> dict[str, str]:
    """Return the URL of each service's metrics; empty where nothing runs."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def scrape_config(places: Mapping[str, str]) -> str:
    """Return a configuration for a Prometheus on the same machine: the example's, with these targets and our rules."""
    head, _, _ = _EXAMPLE.read_text(encoding="utf-8").partition("scrape_configs:")
    lines = [head.replace("alerts.yml", str(RULES)), "scrape_configs:\n"]
    for service, url in places.items():
        lines.append(
            f"  - job_name: footfall-{service}\n    static_configs:\n      - targets: [{urlsplit(url).netloc!r}]\n"
        )
    return "".join(lines)
