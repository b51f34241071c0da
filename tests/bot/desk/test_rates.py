"""How fast a desk may ask."""

from __future__ import annotations

import pytest

from bot.desk import Rates
from tests.bot.desk.bench import Bench
from tests.bot.desk.test_conversations import png


class TestRates:
    @pytest.fixture
    def rates(self) -> Rates:
        return Rates(request_burst=5, requests_per_second=1, upload_burst=1)

    async def test_a_session_that_asks_too_fast_is_told_to_wait(self, bench: Bench) -> None:
        client = await bench.as_(await bench.agent())
        codes = [(await client.get("/me")).status_code for _ in range(6)]
        assert codes == [200] * 5 + [429]
        bench.clock.advance(seconds=2)
        assert (await client.get("/me")).status_code == 200

    async def test_uploads_have_a_rate_of_their_own(self, bench: Bench) -> None:
        me = await bench.agent()
        client = await bench.as_(me)
        name = await bench.handed_over(me)
        codes = [
            (await client.post(f"/conversations/{name}/files", content=png())).status_code
            for _ in range(2)
        ]
        assert codes == [200, 429]
