"""Set-up pictures: taken only as the answer to an open request, decoded and encoded anew, deleted after a day.

The bytes of a refused one are kept nowhere.
"""

import io
import logging
from datetime import datetime
from typing import Final

from PIL import Image, UnidentifiedImageError

from contract.errors import MalformedError
from contract.picture import SetupPicture, decode_picture
from contract.topics import Topic
from ingest.database import Cursor, Database
from ingest.errors import UnaskedPictureError
from ingest.sql_blocks import load_blocks

logger = logging.getLogger(__name__)

_SQL: Final = load_blocks("pictures")
_QUALITY: Final = 90


class Pictures:
    """Writes set-up pictures through one connection. Not shared between threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def store(self, topic: Topic, payload: bytes, at: datetime) -> None:
        """Keep the picture that came on `topic` at `at`.

        Raises:
            ContractError: it is no set-up picture, or none that can be decoded.
            UnaskedPictureError: nobody waits for it.
            DatabaseError: the database did not take it.
        """
        header, jpeg = decode_picture(payload, topic)
        row = {"request": str(header.request), "store": header.store, "device": header.device, "camera": header.camera}
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["asked"], {**row, "at": at})
            if cursor.fetchone() is None:
                raise UnaskedPictureError(header.store, header.device, header.camera)
            image = encoded_anew(jpeg, (header.width, header.height))
            cursor.execute(_SQL["keep"], {**row, "at": at, "image": image, **_facts(header)})
            cursor.execute(_SQL["received"], {**row, "at": at})
        logger.info(
            "set-up picture of %s/%s, camera %s", header.store, header.device, header.camera,
            extra={"action": "picture_received"},
        )  # fmt: skip


def encoded_anew(jpeg: bytes, size: tuple[int, int]) -> bytes:
    """Return what can be seen in a plain JPEG of (width, height) as a JPEG of our own: nothing else comes along.

    Raises:
        MalformedError: it cannot be decoded.
    """
    try:
        with Image.open(io.BytesIO(jpeg), formats=("JPEG",)) as opened:
            if opened.size != size:
                raise MalformedError(f"picture: expected {size[0]}×{size[1]} pixels, got {opened.size}")
            pixels = opened.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise MalformedError(f"picture: it cannot be decoded: {type(error).__name__}") from error
    written = io.BytesIO()
    pixels.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def delete_old(cursor: Cursor, now: datetime) -> int:
    """Delete the pictures that are a day old, with a note of it; return how many."""
    cursor.execute(_SQL["delete"], {"now": now})
    return int(cursor.rowcount)


def _facts(header: SetupPicture) -> dict[str, object]:
    names = (
        "taken_from", "taken_until", "samples", "covered_share", "width", "height", "source_width", "source_height",
    )  # fmt: skip
    return {name: getattr(header, name) for name in names}
