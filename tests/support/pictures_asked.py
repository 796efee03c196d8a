"""A store whose box is enrolled, by rows alone, and requests for its set-up pictures."""

from datetime import UTC, datetime
from uuid import UUID

from contract.picture import encode_picture
from contract.topics import Topic
from deploy.control.desires import Decision
from deploy.setup_pictures import request
from ingest.database import Database
from ingest.deliveries import Delivery, Waiting
from ingest.intake import Intake, Taken
from tests.support.ledger import add_store, rows
from tests.support.plain_jpeg import header, jpeg

ASKED_AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
DECISION = Decision(by="anna", why="draw the entrance", at=ASKED_AT)


def enrolled_box(url: str, device: str = "door-box") -> None:
    """Register riverside/DEVICE and an enrolment of it."""
    if not rows(url, "SELECT 1 FROM store WHERE code = 'riverside'"):
        add_store(url)
    rows(
        url,
        """
        WITH box AS (INSERT INTO device (store_id, code) SELECT store_id, %s FROM store WHERE code = 'riverside'
                     RETURNING device_id, code)
        INSERT INTO enrolment (device_id, name, key_sha256, enrolled_at)
        SELECT device_id, 'riverside.' || code || '.1', '\\x00', now() FROM box RETURNING name
        """,
        device,
    )


def with_camera(url: str, now: datetime) -> None:
    """Let riverside/door-box have a certificate for 30 days, and have told of a camera called door."""
    rows(
        url,
        """
        WITH c AS (INSERT INTO device_certificate (serial, enrolment_id, issued_at, not_after)
                   SELECT 'ab', enrolment_id, %s::timestamptz, %s::timestamptz + interval '30 days' FROM enrolment
                   WHERE name = 'riverside.door-box.1')
        INSERT INTO device_status (device_id, state, at, received_at, version, last_seq, queue_depth, cameras)
        SELECT device_id, 'online', %s, %s, '0.1.0', 0, 0, '[{"camera": "door", "state": "up", "fps": 10}]'::jsonb
        FROM device JOIN store USING (store_id) WHERE store.code = 'riverside' RETURNING device_id
        """,
        *(now,) * 4,
    )


def ask(url: str, device: str = "door-box", camera: str = "door") -> UUID:
    database = Database(url)
    try:
        return request(database, "riverside", device, camera, DECISION)
    finally:
        database.close()


def answer(asked: UUID, *, image: bytes | None = None, **changed: object) -> bytes:
    """The message of a box that answers; `changed` is its header's."""
    return encode_picture(header(request=asked, **changed), image or jpeg())


def deliver(url: str, payload: bytes, *, device: str = "door-box", at: datetime = ASKED_AT) -> Taken:
    """Put a message that came on a device's topic `picture` through the intake."""
    intake = Intake(url, dead_letters_max=100)
    topic = Topic("riverside", device, "picture")
    try:
        return intake.store(Waiting(pictures=[(topic, Delivery(str(topic), payload, at))]))
    finally:
        intake.close()
