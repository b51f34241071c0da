"""The written protocol and the spoken one are the same."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

import channels.app_chat.errors
from bot.clock import utc_now
from bot.errors import CustomerError
from channels.app_chat.protocol import parse_frame
from channels.app_chat.tokens import verify_user_token
from tests.channels.app_chat.client import Tab, greeted, open_tab
from tests.channels.app_chat.conftest import Chat
from tests.support.components import need

DOCS = Path("docs")
TEXT = (DOCS / "chat-protocol.md").read_text("utf-8")
ASYNCAPI: dict[str, Any] = yaml.safe_load((DOCS / "asyncapi.yaml").read_text("utf-8"))
KEY = "kq8Zr2mP5vX1cN7bT4yL9wJ3"


def validator(name: str) -> jsonschema_rs.Draft202012Validator:
    """Checks the payload of one of the described messages."""
    schema = {"$ref": f"#/components/messages/{name}/payload", "components": ASYNCAPI["components"]}
    return jsonschema_rs.Draft202012Validator(schema)


def section(title: str) -> str:
    return TEXT.split(f"# {title}\n", 1)[1].split("\n#", 1)[0]


def code(language: str, holding: str) -> str:
    blocks = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return next(block for block in blocks if holding in block)


def test_every_example_of_a_client_s_frame_is_understood_and_described() -> None:
    lines = re.findall(r'^\{"type".*\}$', section("Client → server"), re.MULTILINE)
    assert len(lines) == 9
    names = {"message": "sent", "history": "askHistory", "typing": "writing"}
    for line in lines:
        frame = json.loads(line.replace("…", ""))
        kind = frame["type"]
        assert parse_frame(json.dumps(frame)).type == kind
        validator(names.get(kind, kind)).validate(frame)


def test_the_python_recipe_makes_a_token_that_holds() -> None:
    scope: dict[str, Any] = {}
    exec(code("python", "def user_token"), scope)  # noqa: S102 - our own documentation
    token = scope["user_token"]("shop1", KEY, "会员-42")
    assert verify_user_token(token, {"shop1": KEY}, utc_now()).user_id == "会员-42"


def test_the_node_recipe_makes_a_token_that_holds() -> None:
    node = need("Node.js", "node")
    script = code("js", "function userToken")
    script += f'\nconsole.log(userToken("shop1", "{KEY}", "会员-42"));'
    run = subprocess.run(
        [node, "--input-type=module"], input=script, capture_output=True, text=True, check=True
    )
    assert verify_user_token(run.stdout.strip(), {"shop1": KEY}, utc_now()).user_id == "会员-42"


def test_every_error_is_listed_with_its_status_and_whether_to_retry() -> None:
    rows = {}
    for cells in re.findall(r"^\| (`.*`) \| (\d{3}) \| (yes|no) \|", TEXT, re.MULTILINE):
        for name in re.findall(r"`(\w+)`", cells[0]):
            rows[name] = (int(cells[1]), cells[2] == "yes")
    assert channels.app_chat.errors  # all of this channel's errors are defined by now
    errors = {e.code: (e.http_status, e.retry) for e in leaves(CustomerError)}
    assert rows == {code: errors[code] for code in rows}
    ours = {e.code for e in leaves(CustomerError) if e.__module__.startswith("channels.app_chat")}
    assert ours - rows.keys() == set()


def leaves(kind: type[CustomerError]) -> list[type[CustomerError]]:
    children = kind.__subclasses__()
    return [leaf for child in children for leaf in leaves(child)] if children else [kind]


async def test_every_frame_that_the_server_sends_is_described(chat: Chat) -> None:
    async with greeted(chat.url) as (tab, _):
        await tab.say("订单")
        await tab.reply("哪一单")
        await tab.say("261119004217 5678")
        await tab.reply("正在运输中")
        await tab.send(type="history", before=3)
        await tab.next("history")
        await tab.send(type="message", client_id="x", text=3)
        await tab.next("error")
        await tab.send(type="ping")
        await tab.next("pong")
        await tab.say("转人工")
        await tab.next("owner", owner="human", agent=None)
        await tab.send(type="typing", on=True)
        await tab.send(type="end")
        await tab.next("ended")
        check(tab)
        kinds = {frame["type"] for frame in tab.frames}
    async with open_tab(chat.url) as tab:
        await tab.send(type="hello", session="forged")
        await tab.closed()
        check(tab)
    described = {
        m["$ref"].rpartition("/")[2] for m in ASYNCAPI["operations"]["toClient"]["messages"]
    }
    assert kinds == described


def check(tab: Tab) -> None:
    for frame in tab.frames:
        validator(frame["type"]).validate(frame)


@pytest.mark.parametrize(
    "reference",
    sorted(set(re.findall(r'\$ref: "(.*?)"', str((DOCS / "asyncapi.yaml").read_text("utf-8"))))),
)
def test_every_reference_of_the_description_leads_somewhere(reference: str) -> None:
    place: Any = ASYNCAPI
    for step in reference.removeprefix("#/").split("/"):
        place = place[step]
    assert place
