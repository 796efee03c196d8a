"""FOOTFALL_HOME: the one folder in which an installation keeps its data, its logs and what it is running.

postgres/  broker/  outbox/       the data
log/       NAME.log, NAME.log.1…  what each service said
run/       lock, state.json       who runs here now
ports.json                        so that a second start is found where the first was
"""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.errors import DeployError, HomeInUseError
from deploy.process import free_port, listens


def default_folder() -> Path:
    """Return FOOTFALL_HOME, or ~/.local/share/footfall, or as root /var/lib/footfall.

    Root's own home is closed to the unprivileged user that PostgreSQL runs as.
    """
    configured = os.environ.get("FOOTFALL_HOME")
    if configured:
        return Path(configured).expanduser()
    return Path("/var/lib/footfall") if os.geteuid() == 0 else Path.home() / ".local" / "share" / "footfall"


def adopt_environment() -> None:
    """Take over the settings of the `footfall up` that runs in the default folder, where none are set."""
    path = default_folder() / "run" / "environment.json"
    try:
        variables = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if "FOOTFALL_DATABASE_URL" not in os.environ:
        os.environ.update({name: value for name, value in variables.items() if name not in os.environ})


class Home:
    """The folder of one installation.

    Raises:
        DeployError: it cannot be made or written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.log = self.folder / "log"
        self.run = self.folder / "run"
        try:
            for path in (self.folder, self.log, self.run):
                path.mkdir(parents=True, exist_ok=True)
            self.run.chmod(0o700)
        except OSError as error:
            raise DeployError(
                f"cannot use {self.folder} for Footfall's data: {error}. Set FOOTFALL_HOME to a folder you may write."
            ) from error

    @property
    def record(self) -> Path:
        """Where a supervisor keeps its children on record."""
        return self.run / "state.json"

    @property
    def held(self) -> bool:
        """Whether a supervisor runs in the folder now."""
        with (self.run / "lock").open("a+", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                return True
        return False

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder for this process; the lock ends with the process, however it ends.

        Raises:
            HomeInUseError: another process holds it.
        """
        with (self.run / "lock").open("a+", encoding="ascii") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                lock.seek(0)
                raise HomeInUseError(
                    f"Footfall already runs in {self.folder} as process {lock.read().strip() or 'unknown'}. "
                    "Stop that one, or set FOOTFALL_HOME to another folder."
                ) from error
            lock.truncate(0)
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    @property
    def environment_file(self) -> Path:
        """Where the settings of what runs here stand while it runs; for this user alone, it holds passwords."""
        return self.run / "environment.json"

    @property
    def metrics_file(self) -> Path:
        """Where it stands under which address each service shows its metrics."""
        return self.run / "metrics.json"

    def save_environment(self, variables: Mapping[str, str]) -> None:
        """Let commands of this user find what runs here without any setting."""
        self.environment_file.touch(mode=0o600)
        self.environment_file.write_text(json.dumps(variables, indent=2) + "\n", encoding="utf-8")

    def port(self, service: str, preferred: int | None = None) -> int:
        """Return a free port for a service: `preferred`, else the one of last time, else any; and remember it."""
        path = self.folder / "ports.json"
        known: dict[str, int] = json.loads(path.read_text(encoding="ascii")) if path.exists() else {}
        wanted = [port for port in (preferred, known.get(service)) if port]
        port = next((port for port in wanted if not listens(port)), None) or free_port()
        path.write_text(json.dumps(known | {service: port}, indent=2) + "\n", encoding="ascii")
        return port
