"""Asking a till's server: JSON over HTTPS, its answers told apart into what may be tried again and what may not."""

import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlencode

from ingest.errors import TillAwayError, TillRefusesError

_TIMEOUT_S: Final = 30.0
_ANSWER_BYTES_MAX: Final = 64 * 1024 * 1024
_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: the decoded `body`, None where it has no such thing (404), and its headers."""

    body: Any
    headers: Mapping[str, str]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the token would go along to wherever it leads."""

    def redirect_request(self, *_args: Any, **_more: Any) -> None:
        """Refuse it: the answer is told as it came."""


_opener: Final = urllib.request.build_opener(_NoRedirect)


class TillServer:
    """The server at `url`; `headers` are asked for before each question, as tokens change."""

    def __init__(self, url: str, headers: Callable[[], Mapping[str, str]]) -> None:
        self._url = url.rstrip("/")
        self._headers = headers

    def get(
        self, path: str, query: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Ask with GET; `path` may be a whole URL of this server's own, as the links between pages are.

        Raises:
            TillAwayError: no answer, or one that says to wait.
            TillRefusesError: it says no.
        """
        url = path if path.startswith(self._url + "/") else self._url + path
        if query:
            url += "?" + urlencode({key: value for key, value in query.items() if value is not None})
        return self._ask(urllib.request.Request(url, headers={**self._headers(), **(headers or {})}))  # noqa: S310  # https

    def post(self, path: str, body: Any) -> Answer:
        """Ask with POST; raises as `get` does."""
        data = json.dumps(body).encode()
        sent = {"Content-Type": "application/json", **self._headers()}
        return self._ask(urllib.request.Request(self._url + path, data=data, headers=sent, method="POST"))  # noqa: S310

    def _ask(self, request: urllib.request.Request) -> Answer:
        try:
            with _opener.open(request, timeout=_TIMEOUT_S) as answer:
                content = answer.read(_ANSWER_BYTES_MAX + 1)
                headers = {key.lower(): value for key, value in answer.headers.items()}
        except urllib.error.HTTPError as error:
            return self._refused(error)
        except OSError as error:
            raise TillAwayError(f"{self._url} does not answer: {error}") from error
        if len(content) > _ANSWER_BYTES_MAX:
            raise TillRefusesError(f"{self._url} answered more than {_ANSWER_BYTES_MAX} bytes")
        try:
            return Answer(json.loads(content or b"null"), headers)
        except ValueError as error:
            raise TillAwayError(f"{self._url} answered something that is no JSON") from error

    def _refused(self, error: urllib.error.HTTPError) -> Answer:
        if error.code == HTTPStatus.NOT_FOUND:
            return Answer(None, {})
        said = _said(error)
        if error.code in _AGAIN:
            raise TillAwayError(f"{self._url} answered {error.code}{said}", _after_s(error)) from error
        advice = ": is its token still good, and may it read orders?" if error.code in (401, 403) else ""
        raise TillRefusesError(f"{self._url} answered {error.code}{said}{advice}") from error


def _said(error: urllib.error.HTTPError) -> str:
    try:
        text = error.read(300).decode("utf-8", "replace")
    except OSError:
        return ""
    return f" ({' '.join(text.split())})" if text.strip() else ""


def _after_s(error: urllib.error.HTTPError) -> float | None:
    try:
        return min(3_600.0, max(0.0, float(error.headers.get("Retry-After", ""))))
    except ValueError:
        return None
