"""A real OpenID provider on a free port: `oidc-provider` from npm (MIT), certified by the OpenID Foundation."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urljoin

import requests

from deploy.process import Process, Service, listens
from tests.support.npm import npm_ci

CLIENT_ID: Final = "footfall"
SECRET: Final = "only-for-tests-but-long-enough-to-be-one"


@contextmanager
def running_provider(
    folder: Path, *, port: int, origin: str, accounts: Mapping[str, Mapping[str, Any]], told_at: str | None = None
) -> Iterator[None]:
    """Run a provider that knows `accounts` (claims by subject), and us at `origin`; `told_at` hears of sign-outs."""
    here = Path(__file__).resolve().parents[1] / "oidc"
    node = npm_ci(here)
    client: dict[str, Any] = {
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        "redirect_uris": [f"{origin}/sign-in/oidc/back"],
        "post_logout_redirect_uris": [f"{origin}/sign-in"],
    }
    if told_at is not None:
        client |= {"backchannel_logout_uri": told_at, "backchannel_logout_session_required": True}
    config = folder / "provider.json"
    config.write_text(json.dumps({"clients": [client], "accounts": accounts}), encoding="utf-8")
    argv = [node, str(here / "provider.mjs"), str(port), str(config)]
    log_file = folder / "provider.log"
    process = Process(Service(name="oidc", argv=argv, ready=lambda: listens(port), log_file=log_file))
    process.start()
    try:
        yield
    finally:
        process.stop()


def through_the_provider(there: str, subject: str, *, until: str, browser: requests.Session | None = None) -> str:
    """Sign in as `subject` as a browser would, filling in the provider's forms; return the address it comes back to."""
    browser = browser or requests.Session()
    answer = browser.get(there, allow_redirects=False, timeout=20)
    for _ in range(20):
        if answer.is_redirect:
            address = urljoin(answer.url, answer.headers["Location"])
            if address.startswith(until):
                return address
            answer = browser.get(address, allow_redirects=False, timeout=20)
            continue
        form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
        if form is None:
            break
        fields = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="(\w+)"', answer.text))
        filled = {**fields, "login": subject, "password": "any"}
        answer = browser.post(urljoin(answer.url, form[1]), data=filled, allow_redirects=False, timeout=20)
    raise AssertionError(f"the provider did not send back: {answer.status_code} {answer.text[:400]}")


def signed_out_there(issuer: str, browser: requests.Session) -> None:
    """Sign a browser out at the provider itself, as its own page does."""
    answer = browser.get(f"{issuer}/session/end", timeout=20)
    form = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
    assert form, answer.text[:400]
    fields = dict(re.findall(r'<input[^>]*name="(\w+)"[^>]*value="(\w+)"', answer.text))
    browser.post(urljoin(answer.url, form[1]), data={**fields, "logout": "yes"}, timeout=20)
