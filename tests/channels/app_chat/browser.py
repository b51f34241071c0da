"""Debian's Chromium, driven by Playwright, and what a test looks at in the widget."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import (
    Browser,
    BrowserContext,
    Locator,
    Page,
    async_playwright,
    expect,
)

from tests.support.components import need

expect.set_options(timeout=30_000)  # bounds a hang; a busy machine takes its time

ARTIFACTS = Path("artifacts")
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""
KEPT = """
async () => {
  const done = (request) => new Promise((ok, no) => {
    request.onsuccess = () => ok(request.result);
    request.onerror = () => no(request.error);
  });
  const kept = Object.entries(localStorage);
  for (const { name } of await indexedDB.databases()) {
    const database = await done(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      kept.push(...await done(database.transaction(store).objectStore(store).getAll()));
    }
    database.close();
  }
  return kept;
}
"""


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """A browser without a window."""
    program = need("Chromium", "chromium", "chromium-browser")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield browser
        await browser.close()


class Visit:
    """One page with the widget in it, watched for everything that goes wrong."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.faults: list[str] = []
        self.may_fail: tuple[str, ...] = ()
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on(
            "console",
            lambda line: self.faults.append(line.text) if line.type == "error" else None,
        )

    @classmethod
    async def to(cls, context: BrowserContext, url: str) -> Visit:
        """Open a page in a new tab."""
        visit = cls(await context.new_page())
        await visit.page.add_init_script(WATCH)
        await visit.page.goto(url)
        await visit.launcher_or_panel()
        return visit

    async def launcher_or_panel(self) -> None:
        """Wait until the widget is on the page."""
        await self.page.locator("yingda-chat .widget").wait_for(state="attached")

    async def check(self) -> None:
        """Fail if the page reported an error or broke its content security policy."""
        assert await self.page.evaluate("window.violations") == []
        faults = [f for f in self.faults if not any(known in f for known in self.may_fail)]
        assert faults == [], faults

    @property
    def launcher(self) -> Locator:
        """The round button."""
        return self.page.locator("yingda-chat .launcher")

    @property
    def panel(self) -> Locator:
        """The chat window."""
        return self.page.locator("yingda-chat .panel")

    @property
    def input(self) -> Locator:
        """Where one types."""
        return self.page.locator("yingda-chat textarea")

    @property
    def rows(self) -> Locator:
        """Confirmed messages."""
        return self.page.locator("yingda-chat .confirmed .row")

    @property
    def pending(self) -> Locator:
        """Messages on their way."""
        return self.page.locator("yingda-chat .pending .row")

    def chip(self, title: str) -> Locator:
        """A quick reply."""
        return self.page.locator("yingda-chat .chip", has_text=title)

    def bubble(self, text: str) -> Locator:
        """A confirmed bubble with this text in it, the newest one."""
        return self.page.locator("yingda-chat .confirmed .bubble", has_text=text).last

    async def open(self) -> None:
        """Open the chat window with the mouse."""
        await self.launcher.click()
        await self.input.wait_for()

    async def say(self, text: str) -> None:
        """Type and press Enter."""
        await self.input.fill(text)
        await self.input.press("Enter")

    async def hear(self, text: str) -> None:
        """Wait until a message with this text is there."""
        await self.bubble(text).wait_for()

    async def seqs(self) -> list[int]:
        """The seq of every message shown, from top to bottom."""
        script = "rows => rows.map(row => Number(row.dataset.seq))"
        seqs: list[int] = await self.rows.evaluate_all(script)
        return seqs

    async def kept(self) -> list[object]:
        """What the browser keeps of this site between visits, whatever it is."""
        kept: list[object] = await self.page.evaluate(KEPT)
        return kept

    async def picture(self, name: str) -> None:
        """Keep a screenshot for a person to look at."""
        await self.page.screenshot(path=ARTIFACTS / f"{name}.png")


@asynccontextmanager
async def visiting(
    browser: Browser, url: str, viewport: dict[str, int] = DESKTOP, **context: object
) -> AsyncIterator[Visit]:
    """A fresh browser profile on a page; the page must end without a fault."""
    profile = await browser.new_context(viewport=viewport, locale="zh-CN", **context)
    visit = await Visit.to(profile, url)
    yield visit
    await visit.check()
    await profile.close()
