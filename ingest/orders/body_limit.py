"""A bound on request bodies, whether they announce their length or not."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BODY_BYTES_MAX = 2 * 1024 * 1024


class BodyLimit:
    """ASGI middleware that refuses a body of more than `most` bytes while it is read."""

    def __init__(self, app: ASGIApp, most: int = BODY_BYTES_MAX) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        size = 0

        async def bounded() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self._most:
                raise HTTPException(
                    413, f"expected at most {self._most} bytes in one request: post fewer orders at a time"
                )
            return message

        await self._app(scope, bounded if scope["type"] == "http" else receive, send)
