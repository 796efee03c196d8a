"""Where the commands of `footfall release` find this installation's releases."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from deploy.releases.depot import Depot


def depot() -> "Depot":
    """Return the depot in FOOTFALL_HOME."""
    from deploy.home import Home, default_folder
    from deploy.releases.depot import Depot

    return Depot(Home(default_folder()).folder / "releases")
