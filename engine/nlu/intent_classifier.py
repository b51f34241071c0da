"""Which of the domain's intents a text has, with a calibrated confidence for each."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.nlu.faq_importer import CATEGORY
from engine.nlu.features import Recipe, TextFeatures, sentence_vectors
from engine.nlu.linear import LinearModel
from engine.nlu.sentence_encoder import SentenceEncoder
from engine.nlu.storage import keep, recall

_PART = ":"
"""Separates an intent from the part of it that is a class of its own (``faq:shipping``)."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """A calibrated linear classifier; wide intents (``faq``) are learned in parts and summed."""

    @classmethod
    def required_components(cls) -> List[Type]:
        """The sentence vector must be there."""
        return [SentenceEncoder]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Weights of the features, ``penalty`` (the machine's C), ``ranking`` length."""
        return {
            "char": 1.0,
            "pinyin": 0.7,
            "sentence": 1.0,
            "penalty": 0.7,
            "balanced": True,
            "ranking": 10,
        }

    def __init__(self, config: Dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._features: Optional[TextFeatures] = None
        self._model: Optional[LinearModel] = None

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "IntentClassifier":
        """Make an untrained component (Rasa's interface)."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "IntentClassifier":
        """Load a trained component (Rasa's interface)."""
        component = cls(config, model_storage, resource)
        described, arrays = recall(model_storage, resource)
        component._features = TextFeatures.parse(described)
        component._model = LinearModel.from_arrays(arrays)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from all examples with an intent.

        Raises:
            ValueError: fewer than two intents have examples.
        """
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        labels = [_label(example) for example in examples]
        if len(set(labels)) < 2:
            raise ValueError("at least two intents need examples")
        texts = [example.get(TEXT) for example in examples]
        recipe = Recipe(self._config["char"], self._config["pinyin"], self._config["sentence"])
        self._features = TextFeatures.fit(texts, recipe)
        matrix = self._features.matrix(texts, sentence_vectors(examples))
        self._model = LinearModel.fit(
            matrix, labels, self._config["penalty"], self._config["balanced"]
        )
        keep(self._storage, self._resource, self._features.dump(), self._model.arrays())
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set ``intent`` and ``intent_ranking`` of each message."""
        for message in messages:
            ranking = self._rank(message)
            message.set(INTENT, ranking[0] if ranking else _NOTHING, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    def _rank(self, message: Message) -> List[Dict[str, Any]]:
        text = message.get(TEXT)
        if not text or not any(char.isalnum() for char in text):
            return []  # nothing was said: emoji, punctuation, blanks
        assert self._features is not None and self._model is not None  # noqa: S101
        vector = sentence_vectors([message])[0]
        decisions = self._features.decide(text, vector, self._model.weights, self._model.bias)
        shares = self._model.probabilities(decisions[np.newaxis])[0]
        total: Dict[str, float] = {}
        for name, share in zip(self._model.classes, shares, strict=True):
            intent = name.split(_PART)[0]
            total[intent] = total.get(intent, 0.0) + float(share)
        best = sorted(total.items(), key=lambda item: -item[1])[: self._config["ranking"]]
        return [{"name": name, "confidence": min(share, 1.0)} for name, share in best]


_NOTHING = {"name": None, "confidence": 0.0}


def _label(example: Message) -> str:
    category = example.get(CATEGORY)
    return f"{example.get(INTENT)}{_PART}{category}" if category else str(example.get(INTENT))
