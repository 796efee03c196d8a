"""Notifications of tills: POST /v1/tills/{name}/events on the orders API.

The signature is the till's key: no other is asked for. What is signed is noted and answered at once, and fetched later;
anything else is refused. A notification that comes twice, or late, changes nothing.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool

from ingest.errors import DocumentError, SignatureError
from ingest.orders.problems import ProblemError
from ingest.pool import Pool
from ingest.tills.opening import open_till
from ingest.tills.protocol import Heard, Till
from ingest.tills.register import TillRegister
from ingest.tills.settings import CsvSettings, PosLogSettings, kind_of, load_tills

logger = logging.getLogger(__name__)

PATH: Final = "/v1/tills/{name}/events"


def listen(app: FastAPI, file: Path, pool: Pool, now: Callable[[], datetime]) -> None:
    """Let `app` take notifications of the tills in `file`.

    Raises:
        TillsFileError: the file, or a secret of it, is not as expected.
    """
    tills: Mapping[str, tuple[str, Till]] = {
        each.name: (kind_of(each), open_till(each, file))
        for each in load_tills(file).tills
        if not isinstance(each, CsvSettings | PosLogSettings)
    }

    async def hear(name: str, request: Request) -> Response:
        """Take a notification of a till."""
        body = await request.body()
        headers = {key.lower(): value for key, value in request.headers.items()}
        documents = _documents(tills, name, Heard(headers, body))
        if documents:
            kind = tills[name][0]
            await run_in_threadpool(lambda: pool.run(lambda db: TillRegister(db, name, kind).notice(documents, now())))
        return Response(status_code=204)

    app.post(PATH, status_code=204, summary="What a till tells by itself", tags=["tills"])(hear)


def _documents(tills: Mapping[str, tuple[str, Till]], name: str, heard: Heard) -> list[str]:
    if name not in tills:
        raise ProblemError(404, "no-such-till", "no till of this name is asked here: see the file of tills")
    try:
        return list(tills[name][1].heard(heard))
    except SignatureError as error:
        logger.warning("till %s: notification refused: %s", name, error, extra={"action": "till_signature"})
        raise ProblemError(401, "not-signed", str(error)) from error
    except DocumentError as error:
        logger.warning("till %s: notification not understood: %s", name, error, extra={"action": "till_notice"})
        raise ProblemError(422, "not-understood", str(error)) from error
