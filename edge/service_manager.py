"""What the service manager (systemd) hears from the box: that it runs, that it goes on, how it is. See sd_notify(3)."""

import socket
from collections.abc import Mapping

#: The unit's WatchdogSec is ten times this.
TELL_EVERY_S = 6.0


class ServiceManager:
    """Tells whoever started this process; silent where nobody asked to be told."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Read the address of the one who listens from NOTIFY_SOCKET."""
        address = environment.get("NOTIFY_SOCKET", "")
        # A leading @ stands for the zero byte of an abstract address.
        self._address = "\0" + address[1:] if address.startswith("@") else address

    def tell(self, *lines: str) -> None:
        """Send assignments such as `READY=1`. A service manager that does not listen changes nothing."""
        if not self._address:
            return
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            try:
                sender.sendto("\n".join(lines).encode(), self._address)
            except OSError:
                return
