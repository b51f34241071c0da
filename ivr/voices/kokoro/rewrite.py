"""Rewrite the int8 graph of Kokoro-82M to fp32, once.

The published int8 graph computes the activations' scale at run time; for half of the Mandarin
voices the quantised sine source and decoder break down into noise. The weights themselves are
sound, so each is multiplied out and the integer operators become their float counterparts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

_ONE = "one_f32"
_OPERATORS = {"ConvInteger": "Conv", "MatMulInteger": "MatMul"}
_ROUNDED_BIAS = ("bias_quant_rounded", "bias_quantized_node")


def to_fp32(source: Path, target: Path) -> None:
    """Write ``target``, the fp32 graph of the dynamically quantised one in ``source``."""
    model = onnx.load(str(source))
    graph = model.graph
    weights = _Weights({tensor.name: tensor for tensor in graph.initializer})
    nodes: list[Any] = []
    for node in graph.node:
        nodes.extend(_rewritten(node, weights))
    del graph.node[:]
    graph.node.extend(nodes)
    used = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in used]
    del graph.initializer[:]
    graph.initializer.extend([*kept, *weights.made.values()])
    # Types noted for the integer graph would contradict the new ones.
    del graph.value_info[:]
    onnx.save(model, str(target))


class _Weights:
    """Constants of the graph, and the float ones that replace them."""

    def __init__(self, given: dict[str, Any]) -> None:
        self.given = given
        self.made = {_ONE: numpy_helper.from_array(np.array(1.0, np.float32), _ONE)}

    def as_float(self, name: str, zero_point: str) -> str:
        """Name of the constant ``name`` less its zero point, as float."""
        made = f"{name}_f32"
        if made not in self.made:
            values: Any = numpy_helper.to_array(self.given[name]).astype(np.float32)
            zero: Any = np.float32(0)
            if zero_point in self.given:
                zero = numpy_helper.to_array(self.given[zero_point]).astype(np.float32)
                if zero.ndim == 1 and zero.size == values.shape[0] and values.ndim != 2:
                    zero = zero.reshape((-1,) + (1,) * (values.ndim - 1))
            self.made[made] = numpy_helper.from_array((values - zero).astype(np.float32), made)
        return made


def _rewritten(node: Any, weights: _Weights) -> list[Any]:
    if node.op_type == "DynamicQuantizeLinear":
        # Values pass as they are, with a scale of one.
        return [
            helper.make_node("Identity", [node.input[0]], [node.output[0]], name=f"{node.name}_x"),
            helper.make_node("Identity", [_ONE], [node.output[1]], name=f"{node.name}_scale"),
        ]
    if node.op_type in _OPERATORS:
        values, weight = node.input[0], node.input[1]
        if weight in weights.given:
            weight = weights.as_float(weight, node.input[3] if len(node.input) > 3 else "")
        made = helper.make_node(
            _OPERATORS[node.op_type], [values, weight], list(node.output), name=node.name
        )
        made.attribute.extend(node.attribute)
        return [made]
    if node.name.endswith(_ROUNDED_BIAS):
        return [helper.make_node("Identity", [node.input[0]], list(node.output), name=node.name)]
    return [node]
