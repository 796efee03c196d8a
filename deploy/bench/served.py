"""One of our servers as a process of its own, over the database that is measured."""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

from deploy.process import Process, Service, free_port, listens


@contextmanager
def served(group: str, url: str, env: Mapping[str, str] = MappingProxyType({})) -> Iterator[int]:
    """Run `footfall <group> serve` and yield its port.

    Raises:
        ServiceError: it did not start.
    """
    port = free_port()
    with tempfile.TemporaryDirectory(prefix=f"footfall-bench-{group}-") as folder:
        service = Service(
            name=group,
            argv=[sys.executable, "-m", "deploy.cli.main", group, "serve", "--port", str(port)],
            ready=lambda: listens(port),
            log_file=Path(folder) / "log",
            env={"FOOTFALL_DATABASE_URL": url, **env},
        )
        process = Process(service)
        try:
            process.start()
            yield port
        finally:
            process.stop()
