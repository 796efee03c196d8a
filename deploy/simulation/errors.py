"""What can go wrong in the simulation.

SimulationError
├── JournalError       the folder belongs to a fleet made with other settings
├── TillError          the orders API refused an order or cannot be reached
└── TruthError         a truth file cannot be read
"""

from deploy.errors import DeployError


class SimulationError(DeployError):
    """The simulation cannot do what was asked."""


class JournalError(SimulationError):
    """What the folder holds was made with other settings."""


class TillError(SimulationError):
    """The orders API refused an order, or cannot be reached.

    `retriable` says whether the same orders may be taken later.
    """

    def __init__(self, message: str, *, retriable: bool) -> None:
        self.retriable = retriable
        super().__init__(message)


class TruthError(SimulationError):
    """A truth file cannot be read."""
