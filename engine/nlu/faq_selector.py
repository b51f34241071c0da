"""Which FAQ entry answers a text, in the form that Rasa's retrieval actions read."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import (
    FULL_RETRIEVAL_INTENT_NAME_KEY,
    INTENT,
    INTENT_RESPONSE_KEY,
    RESPONSE_SELECTOR,
    TEXT,
)
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.nlu.clauses import PARTS
from engine.nlu.faq_importer import FAQ
from engine.nlu.features import Recipe, TextFeatures, sentence_vectors
from engine.nlu.linear import LinearModel
from engine.nlu.respelled import meant
from engine.nlu.sentence_encoder import SentenceEncoder, encode
from engine.nlu.storage import keep, recall
from engine.nlu.training import train_classifier

_RANKED = 5


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FaqSelector(GraphComponent):
    """Fills the property ``response_selector`` of messages whose intent is ``faq``.

    It does what Rasa's ResponseSelector does, with our linear model instead of a DIET network.
    A message whose entry stays unclear loses confidence in its intent, so that the fallback can
    ask instead of giving a wrong answer.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """The sentence vector must be there (the intent too, which training does not need)."""
        return [SentenceEncoder]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Weights of the features; ``unclear``: entry confidence below which doubt sets in."""
        return {"char": 1.0, "pinyin": 0.7, "sentence": 2.0, "penalty": 1.0, "unclear": 0.3}

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
    ) -> "FaqSelector":
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
    ) -> "FaqSelector":
        """Load a trained component (Rasa's interface)."""
        component = cls(config, model_storage, resource)
        described, arrays = recall(model_storage, resource)
        if described:
            component._features = TextFeatures.parse(described)
            component._model = LinearModel.from_arrays(arrays)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples that belong to an entry; without any it stays silent."""
        examples = [
            example
            for example in training_data.intent_examples
            if example.get(INTENT) == FAQ and example.get(INTENT_RESPONSE_KEY)
        ]
        labels = [example.get(INTENT_RESPONSE_KEY) for example in examples]
        if len(set(labels)) < 2:
            keep(self._storage, self._resource, {}, {})
            return self._resource
        texts = [example.get(TEXT) for example in examples]
        recipe = Recipe(
            self._config["char"], self._config["pinyin"], self._config["sentence"], gaps=True
        )
        self._features, self._model = train_classifier(
            texts, labels, sentence_vectors(examples), recipe, self._config["penalty"]
        )
        keep(self._storage, self._resource, self._features.dump(), self._model.arrays())
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Choose an entry for each message whose intent is ``faq``."""
        for message in messages:
            if self._model is None:
                continue
            if (message.get(INTENT) or {}).get("name") == FAQ:
                self._select(message)
            for part in message.get(PARTS) or []:
                if part["intent"]["name"] == FAQ:
                    vector = encode([part["text"]])[0]
                    chosen = self._rank(part["text"], vector)[0]
                    part["intent"][FULL_RETRIEVAL_INTENT_NAME_KEY] = chosen[INTENT_RESPONSE_KEY]
        return messages

    def _rank(self, text: str, vector: np.ndarray) -> List[Dict[str, Any]]:
        assert self._features is not None and self._model is not None  # noqa: S101
        decisions = self._features.decide(text, vector, self._model.weights, self._model.bias)
        shares = self._model.probabilities(decisions[np.newaxis])[0]
        return [
            {INTENT_RESPONSE_KEY: self._model.classes[i], "confidence": float(shares[i])}
            for i in np.argsort(-shares)[:_RANKED]
        ]

    def _select(self, message: Message) -> None:
        ranking = self._rank(meant(message), sentence_vectors([message])[0])
        chosen = ranking[0]
        response = {
            "responses": None,
            INTENT_RESPONSE_KEY: chosen[INTENT_RESPONSE_KEY],
            "utter_action": f"utter_{chosen[INTENT_RESPONSE_KEY]}",
            "confidence": chosen["confidence"],
        }
        selected = {
            "all_retrieval_intents": [FAQ],
            FAQ: {"response": response, "ranking": ranking},
        }
        message.set(RESPONSE_SELECTOR, selected, add_to_output=True)
        doubt = min(1.0, chosen["confidence"] / self._config["unclear"])
        intent = message.get(INTENT)
        intent["confidence"] *= doubt
