"""An agent at the desk's page in a browser, and what a test looks at there."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import httpx
from playwright.async_api import Browser, Locator, Page, expect

from tests.channels.app_chat.browser import ARTIFACTS, DESKTOP, WATCH, Visit
from tests.conftest import Service

PASSWORD = "wo-de-mima-2026"
SKILLS = ["售前", "售后", "投诉", "电话"]
ANGRY = "骗子平台！气死我了，我要投诉到底"
PROFILE = {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "reduced_motion": "reduce"}
PATIENCE_MS = 30_000  # bounds a hang; nothing here is measured by it

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Person:
    """Somebody with a log-in of the test's own."""

    id: str
    login: str
    name: str
    role: str


class Staff:
    """Hires agents over the API, and sends them home after the test."""

    def __init__(self, service: Service) -> None:
        self._http = httpx.Client(base_url=f"{service.url}/api/desk", trust_env=False, timeout=20)
        password = service.settings.require_secret("demo_desk_password")
        entered = self.post("/login", login="admin", password=password, token=True)
        self._http.headers["Authorization"] = f"Bearer {entered['token']}"
        self._hired: list[Person] = []
        self.settle_all()  # other files' customers may wait in the session's service

    def post(self, path: str, **body: object) -> dict[str, object]:
        """One request of the administrator's."""
        answer = self._http.post(path, json=body)
        assert answer.status_code == 200, answer.text
        content: dict[str, object] = answer.json()
        return content

    def get(self, path: str, **params: str) -> dict[str, object]:
        """What the administrator reads."""
        answer = self._http.get(path, params=params)
        assert answer.status_code == 200, answer.text
        content: dict[str, object] = answer.json()
        return content

    def hire(self, role: str = "agent", extension: str = "") -> Person:
        """A new agent with every skill, not yet logged in; their telephone, if they have one."""
        number = next(_numbers)
        name = f"{'阿' if role == 'agent' else '主管'}{number}"
        login = f"{role}{number}"
        account = {"login": login, "name": name, "password": PASSWORD, "role": role}
        added = self.post("/agents", **account, skills=SKILLS, extension=extension or None)
        person = Person(str(added["id"]), login, name, role)
        self._hired.append(person)
        return person

    def settle_all(self) -> None:
        """Nobody waits and nobody is served any more."""
        live = self._http.get("/conversations", params={"list": "all"}).json()["items"]
        for item in live:
            if item["status"] in ("waiting", "assigned", "snoozed"):
                place = f"/conversations/{item['conversation']}"
                self._http.post(f"{place}/take-over")
                self._http.post(f"{place}/resolve", json={"disposition": "solved"})

    def all_go_home(self) -> None:
        """Nothing of this test is left for the next one, also when it failed."""
        self.settle_all()
        for person in self._hired:
            self._http.patch(f"/agents/{person.id}", json={"active": False})
        self._hired.clear()

    def close(self) -> None:
        """Let go of the connection."""
        self._http.close()


class DeskPage:
    """The page, watched for everything that goes wrong."""

    def __init__(self, page: Page, person: Person) -> None:
        self.page = page
        self.person = person
        self.faults: list[str] = []
        # The first question is who one is; before the log-in the answer is 401.
        self.may_fail: tuple[str, ...] = ("401",)
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on(
            "console",
            lambda line: self.faults.append(line.text) if line.type == "error" else None,
        )

    @classmethod
    async def open(
        cls,
        browser: Browser,
        service: Service,
        person: Person,
        viewport: dict[str, int] = DESKTOP,
    ) -> DeskPage:
        """A browser of one's own at the log-in page."""
        profile = await browser.new_context(viewport=viewport, **PROFILE)
        desk = cls(await profile.new_page(), person)
        await desk.page.add_init_script(WATCH)
        await desk.page.goto(f"{service.url}/desk")
        await desk.page.get_by_label("账号").wait_for()
        return desk

    @classmethod
    async def at_work(
        cls,
        browser: Browser,
        service: Service,
        person: Person,
        viewport: dict[str, int] = DESKTOP,
    ) -> DeskPage:
        """Logged in and online."""
        desk = await cls.open(browser, service, person, viewport)
        await desk.log_in()
        await expect(desk.page.get_by_label("我的状态")).to_have_value("online")
        return desk

    async def log_in(self, password: str = PASSWORD) -> None:
        """Fill in the form."""
        await self.page.get_by_label("账号").fill(self.person.login)
        await self.page.get_by_label("密码").fill(password)
        await self.page.get_by_role("button", name="登录").click()

    async def check(self) -> None:
        """Fail if the page reported an error, broke its policy, or scrolls sideways."""
        assert await self.page.evaluate("window.violations") == []
        faults = [f for f in self.faults if not any(known in f for known in self.may_fail)]
        assert faults == [], faults
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await self.page.evaluate(wide) == 0

    async def leave(self) -> None:
        """Close the browser's profile after a last look."""
        await self.check()
        await self.page.context.close()

    @property
    def items(self) -> Locator:
        """The conversations in the list that is shown."""
        return self.page.locator(".item")

    async def take_up(self, words: str) -> None:
        """Open the conversation that was given to me; these words were said in it."""
        await self.items.first.locator(".item-open").click(timeout=PATIENCE_MS)
        await expect(self.said(words)).to_be_visible()
        await expect(self.input).to_be_visible()

    def tab(self, name: str) -> Locator:
        """One of the lists."""
        return self.page.get_by_role("tab", name=name)

    @property
    def log(self) -> Locator:
        """The conversation on screen."""
        return self.page.get_by_role("log", name="对话内容")

    def said(self, words: str) -> Locator:
        """The newest bubble with these words."""
        return self.log.locator(".bubble", has_text=words).last

    @property
    def input(self) -> Locator:
        """Where one writes."""
        return self.page.get_by_label("输入回复")

    async def say(self, text: str) -> None:
        """Type and press Enter."""
        await self.input.fill(text)
        await self.input.press("Enter")

    async def do(self, name: str) -> Locator:
        """Press one of the buttons above the conversation; the window that opens."""
        actions = self.page.get_by_role("group", name="会话操作")
        await actions.get_by_role("button", name=name, exact=True).click()
        return self.page.locator("dialog[open]")

    async def end(self) -> None:
        """Settle the conversation on screen, so that nothing is left for the next test."""
        before = await self.items.count()
        window = await self.do("结束会话")
        await window.get_by_role("button", name="结束会话").click()
        await expect(self.items).to_have_count(before - 1)

    async def picture(self, name: str) -> None:
        """Keep a screenshot for a person to look at."""
        ARTIFACTS.mkdir(exist_ok=True)
        await self.page.screenshot(path=ARTIFACTS / f"{name}.png")


async def customer(browser: Browser, service: Service, member: str | None = None) -> Visit:
    """Somebody new at the widget, with its window open."""
    profile = await browser.new_context(viewport=DESKTOP, **PROFILE)
    visit = await Visit.to(profile, service.url)
    if member is not None:
        await visit.page.get_by_label("以演示会员身份登录").select_option(member)
    await visit.open()
    return visit


async def get_angry(visit: Visit, words: str = ANGRY) -> None:
    """Say something that no bot should answer."""
    await visit.say(words)
    await expect(visit.page.locator("yingda-chat .row.system").last).to_be_visible(
        timeout=PATIENCE_MS
    )


async def with_customer(browser: Browser, service: Service, staff: Staff) -> tuple[DeskPage, Visit]:
    """An agent at work who has taken up an angry customer, and that customer's page."""
    desk = await DeskPage.at_work(browser, service, staff.hire())
    visit = await customer(browser, service)
    await get_angry(visit)
    await desk.take_up(ANGRY)
    return desk, visit
