"""The encoder's vectors, one text or many at once."""

from __future__ import annotations

import numpy as np
import pytest

from engine.nlu import sentence_encoder
from engine.nlu.sentence_encoder import encode

MANY = [f"我的第{number}个订单到哪里了" for number in range(40)]


class TestEncoding:
    def test_many_at_once_are_encoded_like_one_after_the_other(self) -> None:
        together = encode(MANY)
        alone = np.concatenate([encode([text]) for text in MANY])
        assert np.allclose(together, alone, atol=1e-4)
        assert np.allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-3)

    def test_a_clause_has_the_same_vector_again(self) -> None:
        first = encode(["查订单", "要发票"])
        assert np.array_equal(encode(["要发票"])[0], first[1])

    def test_what_is_kept_is_limited(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sentence_encoder, "_KEPT", 5)
        for start in range(0, 20, 4):
            encode([f"{start + more}号" for more in range(4)])
        assert len(sentence_encoder._recent) <= 5

    def test_no_text_has_no_vector(self) -> None:
        assert encode([]).shape == (0, 512)
        assert encode(["", " "]).shape == (2, 512)
