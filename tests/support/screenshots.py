"""Photographs of a running dashboard: both pages, both languages, desk and phone, light and one dark.

    python -m tests.support.screenshots [--url http://127.0.0.1:8050 --password-file FOOTFALL_HOME/demo/password]
        [--out docs/images] [--store CODE] [--all]

Without an address it serves a sample of its own on a Saturday afternoon, the same each time. The first are the
documents'; `--all` takes the others too, for looking at.
"""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, StorageState

from deploy.bench.chromium import browser
from tests.support.sample import sample
from tests.support.signed_in import SIGNED_IN

WIDTHS: Final = {"desk": 1440, "phone": 390}
#: So many of the pictures are kept beside the documents.
COMMITTED: Final = 13
HEIGHTS: Final = {"desk": 900, "phone": 844}


def photograph(
    running: Browser,
    url: str,
    path: Path,
    *,
    size: str,
    scheme: Literal["light", "dark"] = "light",
    state: StorageState = SIGNED_IN,
) -> None:
    """Write one page, in full length, as a PNG."""
    context = running.new_context(
        storage_state=state,
        viewport={"width": WIDTHS[size], "height": HEIGHTS[size]},
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(url)
    settle(page)
    page.screenshot(path=path, full_page=True)
    context.close()


def settle(page: Page) -> None:
    """Wait until the page shows its numbers and its fonts."""
    page.wait_for_selector("h1")
    if page.locator(".store-page").count():
        page.wait_for_selector(".graph .main-svg, .empty")
    else:
        page.wait_for_selector(".ag-row, .ag-overlay, .message, .days-row, .map, .wall .main-svg, .accounts")
    page.evaluate("() => document.fonts.ready.then(() => null)")
    page.wait_for_function("() => !document.querySelector('._dash-loading-callback')")


def main() -> None:
    """Photograph every page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--url", help="address of a running dashboard; default: a sample of its own")
    parser.add_argument("--login", default="demo", help="with --url: sign in as (default: demo)")
    parser.add_argument("--password-file", type=Path, help="with --url: where that account's password is")
    parser.add_argument("--out", type=Path, default=Path("docs/images"), help="folder for the pictures")
    parser.add_argument("--store", help="code of the store to photograph (default: the first of the list)")
    parser.add_argument("--all", action="store_true", help="every page, language, size and colour")
    wanted = parser.parse_args()
    wanted.out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        base = (wanted.url or stack.enter_context(sample()).url).rstrip("/")
        running = stack.enter_context(browser())
        state = through_the_door(running, base, wanted.login, wanted.password_file) if wanted.url else SIGNED_IN
        store = wanted.store or (first_store(running, base, state) if wanted.url else "nanjing-road")
        for name, path, lang, size, scheme in islice(shots(store), None if wanted.all else COMMITTED):
            target = wanted.out / f"{name}.png"
            photograph(running, f"{base}{path}?lang={lang}", target, size=size, scheme=scheme, state=state)
            print(target)  # noqa: T201  # a script tells what it wrote


def shots(store: str) -> Iterator[tuple[str, str, str, str, Literal["light", "dark"]]]:
    """Yield (name, path, language, size, scheme) of each picture."""
    yield "dashboard", f"/store/{store}", "en", "desk", "light"
    yield "dashboard-phone", f"/store/{store}", "en", "phone", "light"
    yield "dashboard-zh", f"/store/{store}", "zh", "desk", "light"
    yield "stores", "/", "en", "desk", "light"
    yield "look-back", f"/history/{store}", "en", "desk", "light"
    yield "trust", f"/trust/{store}", "en", "desk", "light"
    yield "wall", f"/wall/{store}", "en", "desk", "dark"
    yield "dashboard-zh-phone", f"/store/{store}", "zh", "phone", "light"
    yield "stores-zh", "/", "zh", "desk", "light"
    yield "devices", "/devices", "en", "desk", "light"
    yield "devices-zh", "/devices", "zh", "desk", "light"
    yield "users", "/users", "en", "desk", "light"
    yield "users-zh", "/users", "zh", "desk", "light"
    yield "dashboard-dark", f"/store/{store}", "en", "desk", "dark"
    yield "stores-phone", "/", "en", "phone", "light"
    yield "stores-zh-phone", "/", "zh", "phone", "light"


def through_the_door(running: Browser, base: str, login: str, password_file: Path) -> StorageState:
    """Return the state of a browser that has signed in by hand."""
    page = running.new_page()
    page.goto(f"{base}/sign-in?lang=en")
    page.fill("#login", login)
    page.fill("#password", password_file.read_text(encoding="utf-8").strip())
    page.click("button[type=submit]")
    page.wait_for_selector("#shell")
    state = page.context.storage_state()
    page.close()
    return state


def first_store(running: Browser, base: str, state: StorageState) -> str:
    """Return the code of the first store of the list, or of the only one."""
    page = running.new_page(storage_state=state)
    page.goto(base)
    settle(page)
    here = page.locator(".store-page")
    if here.count():
        code = here.get_attribute("data-store")
    else:
        code = urlsplit(page.locator("a.cell-store").first.get_attribute("href") or "").path.rsplit("/", 1)[-1]
    page.close()
    if not code:
        raise LookupError(f"no store is shown on {base}")
    return code


if __name__ == "__main__":
    main()
