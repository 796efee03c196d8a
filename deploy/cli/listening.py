"""The socket that an HTTP service of ours listens at."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from socket import socket


def listening(host: str, port: int, service: str) -> "socket":
    """Return a socket that listens there; `service` is what does.

    Raises:
        ServiceError: the port is taken, or it is no address of this machine.
    """
    import errno
    import socket

    from deploy.errors import ServiceError

    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise ServiceError(
                f"port {port} of {host} is taken: perhaps the {service} runs already. Stop what listens there, or "
                "choose another port with --port"
            ) from error
        raise ServiceError(f"cannot listen on port {port} of {host}: {error}. See --host and --port") from error
    # asyncio sees to it for sockets of its own only. An answer in two writes would wait 40 ms for a receipt.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
