"""What can go wrong while a Footfall installation is set up or run.

DeployError
├── ServiceError       a child process did not start, or ended when it should not have
├── StoppedError       somebody asked for the end while things were being started
├── HomeInUseError     another supervisor runs on the same folder
├── BrokerMissingError no MQTT broker can be started on this machine
├── StoreError         a store cannot be registered as asked
├── ImputationError    missing hours cannot be estimated, or an estimate not taken back
├── TrustError         the authority, an enrolment or a revocation cannot be done
├── ControlError       what is wanted of a box cannot be wanted so
├── SetupPictureError  a set-up picture cannot be asked for, or is not there to see
├── FloorPlanError     a drawing or what is placed on it cannot be taken
├── HomeAssistantError a store cannot be announced to Home Assistant, or taken back
├── WebhookError       an endpoint cannot be told, or not registered as asked
├── PublishError       a release cannot be built, signed or published
├── TruthError         a file of ground truth, or the clips beside it, cannot be used
├── RivalError         a tool that we are compared with cannot be installed or run
├── BenchError         something that was to be measured failed
└── MigrationError     the database and the migrations disagree
"""

from typing import Self


class DeployError(Exception):
    """The installation cannot do what was asked."""


class ServiceError(DeployError):
    """A service did not start, or did not become ready."""


class StoppedError(DeployError):
    """Somebody asked for the end while things were being started."""


class HomeInUseError(DeployError):
    """Another supervisor runs on the same folder."""


class SetupPictureError(DeployError):
    """A set-up picture cannot be asked for, or is not there to see."""


class FloorPlanError(DeployError):
    """A drawing, or what is placed on it, cannot be taken; `column` says which: plan, plan_svg, plan_size or placed."""

    def __init__(self, message: str, *, column: str) -> None:
        super().__init__(message)
        self.column = column


class BenchError(DeployError):
    """Something that was to be measured failed."""


class StoreError(DeployError):
    """A store cannot be registered as asked; `column` is what of it is wrong, None: the whole."""

    def __init__(self, message: str, *, column: str | None = None) -> None:
        super().__init__(message)
        self.column = column

    @classmethod
    def unknown(cls, code: str) -> Self:
        """Return what is said where no store has a code."""
        return cls(f"no store has the code {code!r}: `footfall store list` names them", column="code")


class ImputationError(DeployError):
    """Missing hours cannot be estimated, or an estimate not taken back."""


class BrokerMissingError(DeployError):
    """Neither Mosquitto nor iotcore is installed."""


class MigrationError(DeployError):
    """A migration failed, or an applied one was changed afterwards."""


class TrustError(DeployError):
    """The authority cannot be used, or an enrolment or a revocation is refused."""


class ControlError(DeployError):
    """What is wanted of a box, a standard or a roll-out cannot be wanted so; `column` is the form's field for it."""

    def __init__(self, message: str, *, column: str = "rollout") -> None:
        super().__init__(message)
        self.column = column


class HomeAssistantError(DeployError):
    """A store cannot be announced to Home Assistant, or taken back."""


class WebhookError(DeployError):
    """An endpoint cannot be told where it is, or not be registered as asked."""


class PublishError(DeployError):
    """A release cannot be built, signed or published."""


class TruthError(DeployError):
    """A file of ground truth cannot be understood, or does not fit the clips."""


class RivalError(DeployError):
    """A tool that we are compared with cannot be installed or run; the message is the reason."""
