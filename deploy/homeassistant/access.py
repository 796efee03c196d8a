"""What Home Assistant's login may read, as a file in the broker's folder; the broker reads it anew at SIGHUP."""

from collections.abc import Sequence

from deploy.broker import HOME_ASSISTANT_RULES, access_rules
from deploy.home import Home
from deploy.homeassistant.discovery import access_rules_for
from deploy.process import unprivileged
from deploy.trust.broker_files import reload_broker
from edge.identity import write_secret


def allow(home: Home, stores: Sequence[str]) -> bool:
    """Let the login read these stores' boxes and no others; return whether a broker of ours is there to be told."""
    folder = home.folder / "broker"
    if not (folder / "homeassistant.password").exists():
        return False
    account = unprivileged("mosquitto")
    owner = (account.uid, account.gid) if account else None
    write_secret(folder / HOME_ASSISTANT_RULES, access_rules_for(stores).encode("ascii"), owner=owner)
    write_secret(folder / "acl", access_rules(folder).encode("ascii"), owner=owner)
    reload_broker(home)
    return True
