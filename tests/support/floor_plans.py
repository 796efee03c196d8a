"""A made-up shop's floor plan, for the zones, doors and camera of `store_data.add_shop`."""

import json
from datetime import datetime
from typing import Final

from psycopg2.extensions import connection as Connection  # noqa: N812  # a type

from deploy.floor_svg import clean_svg

ROOM: Final = b"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 700">
<path d="M20 20 H1180 V680 H720 M600 680 H320 M220 680 H20 Z" fill="none" stroke="#444" stroke-width="8"/>
<g fill="#eee" stroke="#999"><rect x="90" y="90" width="300" height="60"/><rect x="90" y="210" width="300" height="60"/>
<rect x="500" y="320" width="200" height="120"/><rect x="880" y="520" width="220" height="50"/>
<rect x="880" y="60" width="90" height="120"/><rect x="985" y="60" width="90" height="120"/></g></svg>"""
PLACED: Final = {
    "zones": {
        "new-in": [[0.06, 0.1], [0.36, 0.1], [0.36, 0.45], [0.06, 0.45]],
        "fitting": [[0.7, 0.06], [0.93, 0.06], [0.93, 0.36], [0.7, 0.36]],
        "till": [[0.7, 0.62], [0.93, 0.62], [0.93, 0.86], [0.7, 0.86]],
    },
    "lines": {"door": [[0.5, 0.97], [0.6, 0.97]], "side": [[0.185, 0.97], [0.265, 0.97]]},
    "cameras": {
        "door": {
            "picture": [[0.05, 0.15], [0.95, 0.15], [1.0, 1.0], [0.0, 1.0]],
            "plan": [[0.03, 0.05], [0.97, 0.05], [0.97, 0.95], [0.03, 0.95]],
        }
    },
}


def add_floor_plan(connection: Connection, store_id: int, *, now: datetime) -> None:
    """Give a shop its drawing, with everything placed on it."""
    image, width, height = clean_svg(ROOM)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO floor_plan (store_id, width, height, media, image, placed, changed_at) "
            "VALUES (%s, %s, %s, 'image/svg+xml', %s, %s, %s)",
            (store_id, width, height, image, json.dumps(PLACED), now),
        )
