"""One Chromium for all browser tests of a process: Playwright's synchronous face may be started once only."""

import atexit
import shutil
from functools import cache
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
# A page that shows nothing for so long is broken, and not slow.
PATIENCE_MS = 600_000
# Each new tab is a window, in which Chromium would start two processes for a bar of addresses that nobody sees: half of its time. The
# last such flag counts, so that it also names what Playwright leaves out.
LEFT_OUT = "WebUIOmniboxPopup,WebUIOmniboxAimPopup,WebUIOmniboxFullPopup,HttpsUpgrades,LensOverlay,MediaRouter,OptimizationHints,PaintHolding,ThirdPartyStoragePartitioning,Translate"
FLAGS = (
    f"--disable-features={LEFT_OUT}",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def program() -> str | None:
    """Path of an installed Chromium, or None."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


@cache
def chromium() -> Any:
    """The running browser; started on first use, stopped with the process."""
    from playwright.sync_api import sync_playwright

    playwright = sync_playwright().start()
    browser = playwright.chromium.launch(executable_path=program(), args=list(FLAGS), timeout=PATIENCE_MS)
    atexit.register(playwright.stop)
    atexit.register(browser.close)
    return browser


def new_tab(**how: Any) -> Any:
    """A tab of its own, in which a busy machine fails nothing."""
    tab = chromium().new_page(**how)
    tab.set_default_timeout(PATIENCE_MS)
    return tab
