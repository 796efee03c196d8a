"""A client of the orders API for what is imported: batches out, answers told apart."""

import json
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

from ingest.errors import OrdersApiError

_TIMEOUT_S: Final = 30.0
_ANSWER_BYTES_MAX: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a batch: `outcomes` where it was stored, else by index what is wrong (and nothing was stored).

    An outcome is the API's, or `differs` (what is kept under this version says something else) or `outdated` (what is
    kept under a higher version does).
    """

    outcomes: list[str] = field(default_factory=list)
    wrong: dict[int, str] = field(default_factory=dict)


class OrdersClient:
    """The API at `url`, such as http://127.0.0.1:8081; `what` is posted there: orders or staff-hours.

    Raises:
        OrdersApiError: `url` is none.
    """

    def __init__(self, url: str, key: str, what: str = "orders") -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise OrdersApiError(f"--url: expected http://host:port or https://…, got {url!r}")
        self.what = what
        self._url = f"{url.rstrip('/')}/v1/{what}"
        self._key = key

    def post(self, orders: Sequence[dict[str, Any]]) -> Answer:
        """Post a batch.

        Raises:
            OrdersApiError: nobody answers, the key is refused or the database is away; says what to do. Posting again
                is safe.
        """
        request = urllib.request.Request(  # noqa: S310  # the scheme is checked above
            self._url,
            data=json.dumps(list(orders)).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._key}"},
            method="POST",
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310  # as above
                body = json.loads(answer.read(_ANSWER_BYTES_MAX))
        except urllib.error.HTTPError as error:
            return self._refused(error)
        except (OSError, ValueError) as error:
            raise OrdersApiError(
                f"the orders API at {self._url} does not answer ({error}): start it with footfall orders serve, "
                "or say where it is with --url; posting again is safe"
            ) from error
        return Answer(outcomes=[_outcome(each) for each in body[self.what.replace("-", "_")]])

    def _refused(self, error: urllib.error.HTTPError) -> Answer:
        try:
            problem = json.loads(error.read(_ANSWER_BYTES_MAX))
            detail, errors = str(problem["detail"]), list(problem.get("errors", ()))
        except (OSError, ValueError, KeyError, TypeError):
            detail, errors = error.reason, []
        if not errors or error.code == HTTPStatus.UNAUTHORIZED:
            raise OrdersApiError(f"the orders API at {self._url} answered {error.code}: {detail}") from error
        wrong: dict[int, str] = {}
        for each in errors:
            text = f"{each['field'] or 'order'}: {each['message']}"
            wrong[each["index"]] = f"{wrong[each['index']]}; {text}" if each["index"] in wrong else text
        return Answer(wrong=wrong)


def _outcome(result: dict[str, Any]) -> str:
    if not result.get("differs"):
        return str(result["outcome"])
    return "differs" if result["kept_version"] == result["version"] else "outdated"
