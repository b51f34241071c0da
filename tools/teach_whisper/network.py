"""Whisper base in torch, read from CTranslate2's file, with low-rank corrections that can be learnt.

The architecture is Radford et al. 2022 (arXiv:2212.04356); the names are those of CTranslate2, which
keeps queries, keys and values of a layer in one matrix.
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from ivr.models.weights import variables

_LAYERS, _WIDTH, _HEADS = 6, 512, 8
_SCALE = 16.0
"""Of a correction, divided by its rank (LoRA's alpha)."""


class Whisper:
    """Frozen weights; ``corrections`` are what learns."""

    def __init__(self, model: Path, rank: int, seed: int = 1) -> None:
        dice = torch.Generator().manual_seed(seed)
        self._weights: dict[str, Tensor] = {}
        self.corrections: dict[str, tuple[Tensor, Tensor]] = {}
        self._scale = _SCALE / rank
        with model.open("rb") as file:
            for variable in variables(file):
                if not variable.shape:  # an option, not a weight
                    continue
                weight = torch.from_numpy(variable.numbers)
                self._weights[variable.name] = weight
                if "linear" in variable.name and weight.dim() == 2:
                    rows, columns = weight.shape
                    down = torch.randn(rank, columns, generator=dice) / math.sqrt(columns)
                    up = torch.zeros(rows, rank)
                    self.corrections[variable.name] = (
                        down.requires_grad_(),
                        up.requires_grad_(),
                    )

    def learned(self, share: float) -> dict[str, Tensor]:
        """What ``ivr.models.weights.adapt`` takes: so much of the way from the old weights to the new.

        Going only part of it keeps what the published model can do elsewhere (Wortsman et al. 2021,
        arXiv:2109.01903).
        """
        named = {}
        for name, (down, up) in self.corrections.items():
            named[f"{name}:down"] = down.detach().half()
            named[f"{name}:up"] = (share * self._scale * up.detach()).half()
        return named

    def encode(self, spectra: Tensor) -> Tensor:
        """Spectra (texts, 80, frames) to states (texts, frames / 2, 512)."""
        w = self._weights
        x = F.gelu(F.conv1d(spectra, w["encoder/conv1/weight"], w["encoder/conv1/bias"], padding=1))
        x = F.gelu(
            F.conv1d(x, w["encoder/conv2/weight"], w["encoder/conv2/bias"], stride=2, padding=1)
        ).transpose(1, 2)
        x = x + w["encoder/position_encodings/encodings"][: x.shape[1]]
        for number in range(_LAYERS):
            layer = f"encoder/layer_{number}"
            x = self._forward(self._attend(x, f"{layer}/self_attention"), layer)
        return self._norm(x, "encoder/layer_norm")

    def decode(self, tokens: Tensor, heard: Tensor) -> Tensor:
        """Tokens (texts, places) to the states from which the next ones are told."""
        w = self._weights
        x = w["decoder/embeddings/weight"][tokens]
        x = x + w["decoder/position_encodings/encodings"][: tokens.shape[1]]
        for number in range(_LAYERS):
            layer = f"decoder/layer_{number}"
            x = self._attend(x, f"{layer}/self_attention", causal=True)
            x = self._listen(x, heard, f"{layer}/attention")
            x = self._forward(x, layer)
        return self._norm(x, "decoder/layer_norm")

    def tell(self, states: Tensor) -> Tensor:
        """Scores of every token."""
        return states @ self._weights["decoder/embeddings/weight"].T

    def _attend(self, x: Tensor, name: str, *, causal: bool = False) -> Tensor:
        three = self._linear(self._norm(x, f"{name}/layer_norm"), f"{name}/linear_0")
        return x + self._linear(_attention(*three.chunk(3, -1), causal), f"{name}/linear_1")

    def _listen(self, x: Tensor, heard: Tensor, name: str) -> Tensor:
        query = self._linear(self._norm(x, f"{name}/layer_norm"), f"{name}/linear_0")
        key, value = self._linear(heard, f"{name}/linear_1").chunk(2, -1)
        return x + self._linear(_attention(query, key, value, False), f"{name}/linear_2")

    def _forward(self, x: Tensor, layer: str) -> Tensor:
        inner = self._linear(self._norm(x, f"{layer}/ffn/layer_norm"), f"{layer}/ffn/linear_0")
        return x + self._linear(F.gelu(inner), f"{layer}/ffn/linear_1")

    def _norm(self, x: Tensor, name: str) -> Tensor:
        return F.layer_norm(
            x, (_WIDTH,), self._weights[f"{name}/gamma"], self._weights[f"{name}/beta"]
        )

    def _linear(self, x: Tensor, name: str) -> Tensor:
        down, up = self.corrections[f"{name}/weight"]
        plain = F.linear(x, self._weights[f"{name}/weight"], self._weights[f"{name}/bias"])
        return plain + self._scale * F.linear(F.linear(x, down), up)


def _attention(query: Tensor, key: Tensor, value: Tensor, causal: bool) -> Tensor:
    def apart(x: Tensor) -> Tensor:
        return x.view(x.shape[0], x.shape[1], _HEADS, -1).transpose(1, 2)

    mixed = F.scaled_dot_product_attention(apart(query), apart(key), apart(value), is_causal=causal)
    return mixed.transpose(1, 2).reshape(query.shape)
