"""The component that lets the classifiers read a text as it was meant.

``engine.nlu.speller`` rights what was written by sound, ``engine.nlu.cards`` and ``engine.nlu.frills`` take off what is
around it, and ``engine.nlu.restorer`` thinks of what is missing.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.nlu.cards import without_cards
from engine.nlu.frills import without_frills
from engine.nlu.language import Language
from engine.nlu.respelled import MATTER, READINGS, SPELLED
from engine.nlu.restorer import Restorer
from engine.nlu.speller import Speller
from engine.nlu.storage import keep, recall


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class Respeller(GraphComponent):
    """Sets the properties of ``respelled``; entities still point into what was typed."""

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """No options."""
        return {}

    def __init__(self, storage: ModelStorage, resource: Resource) -> None:
        self._storage = storage
        self._resource = resource
        self._speller: Optional[Speller] = None
        self._restorer: Optional[Restorer] = None

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "Respeller":
        """Make an untrained component (Rasa's interface)."""
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "Respeller":
        """Load a trained component (Rasa's interface)."""
        component = cls(model_storage, resource)
        described, _ = recall(model_storage, resource)
        component._know(Language.parse(described))
        return component

    def _know(self, language: Language) -> None:
        self._speller, self._restorer = Speller(language), Restorer(language)

    def train(self, training_data: TrainingData) -> Resource:
        """Count what the training texts are made of."""
        texts = [example.get(TEXT) for example in training_data.training_examples]
        language = Language.fit(text for text in texts if text)
        keep(self._storage, self._resource, language.dump(), {})
        self._know(language)
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Spell each message, and think of what it may lack."""
        for message in messages:
            if self._speller and self._restorer and message.get(TEXT):
                spelled = self._speller.spell(message.get(TEXT))
                matter = without_frills(without_cards(spelled))
                message.set(SPELLED, spelled)
                message.set(MATTER, matter)
                message.set(READINGS, self._restorer.readings(matter))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the examples as they are written: they are what is meant."""
        return training_data
