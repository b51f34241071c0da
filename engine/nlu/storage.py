"""How our components keep what they learned: JSON and arrays, never pickles."""

from __future__ import annotations

import json
from typing import Any, Dict, Tuple

import numpy as np
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage


def keep(
    storage: ModelStorage, resource: Resource, described: Dict[str, Any], arrays: Dict[str, Any]
) -> None:
    """Write a component's description and arrays into the model."""
    with storage.write_to(resource) as folder:
        text = json.dumps(described, ensure_ascii=False)
        (folder / "component.json").write_text(text, encoding="utf-8")
        # Rasa's archive is packed at the slowest level: what is packed already takes it a tenth of the time.
        np.savez_compressed(folder / "arrays.npz", **arrays)


def recall(storage: ModelStorage, resource: Resource) -> Tuple[Dict[str, Any], Dict[str, Any]]:
    """Read what ``keep`` wrote.

    Raises:
        ValueError: the component was never trained.
    """
    with storage.read_from(resource) as folder:
        described = json.loads((folder / "component.json").read_text(encoding="utf-8"))
        with np.load(folder / "arrays.npz", allow_pickle=False) as arrays:
            return described, {name: arrays[name] for name in arrays.files}
