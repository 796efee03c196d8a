"""What can go wrong while a Footfall installation is set up or run.

DeployError
├── ServiceError       a child process did not start, or ended when it should not have
├── BrokerMissingError no MQTT broker can be started on this machine
└── MigrationError     the database and the migrations disagree
"""


class DeployError(Exception):
    """The installation cannot do what was asked."""


class ServiceError(DeployError):
    """A service did not start, or did not become ready."""


class BrokerMissingError(DeployError):
    """Neither Mosquitto nor iotcore is installed."""


class MigrationError(DeployError):
    """A migration failed, or an applied one was changed afterwards."""
