"""The standard layout's second process: the same actions behind rasa-sdk's own server.

    python -m benchmarks.standard_actions PORT SHOP_DB

Whose conversation it is stands in the sender id, without any look-up or check: what is compared is
the layout, and this favours the standard one.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor

from actions import build_actions
from actions.context import IdentityLevel, Proof, ProofResult, Who
from actions.shop import ShopClient, open_demo_shop


class TrustingContext:
    """An ActionContext that believes the sender id: ``<customer id>~<anything>``."""

    def __init__(self, shop: ShopClient) -> None:
        self.shop = shop

    def now(self) -> datetime:
        """Current time."""
        return datetime.now(UTC)

    async def who(self, episode_id: str) -> Who:
        """Whom the sender id names."""
        return Who(IdentityLevel.VERIFIED, episode_id.partition("~")[0])

    async def prove_order(self, episode_id: str, order_number: str, last4: str) -> ProofResult:
        """Never needed."""
        return ProofResult(Proof.OK, 3)

    async def request_handoff(self, episode_id: str, reason: str, evidence: str) -> None:
        """Not recorded: the standard layout records nothing."""


def main() -> None:
    """Serve until killed."""
    port, shop_db = int(sys.argv[1]), Path(sys.argv[2])
    executor = ActionExecutor()
    for action in build_actions(TrustingContext(open_demo_shop(shop_db))):
        executor.register_action(action)
    app = create_app(executor)
    app.run(host="127.0.0.1", port=port, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()
