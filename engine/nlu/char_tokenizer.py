"""One token per Chinese character; runs of Latin letters and digits stay whole."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Optional

from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

_TOKEN = re.compile(r"[A-Za-z0-9]+|[^\s\w]|\w")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class CharTokenizer(Tokenizer):
    """Gives Rasa the tokens it wants; our own features come from the sentence as a whole."""

    @staticmethod
    def supported_languages() -> Optional[List[str]]:
        """Chinese only."""
        return ["zh"]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """Rasa's tokenizer options; intents are never split."""
        return {
            "intent_tokenization_flag": False,
            "intent_split_symbol": "_",
            "token_pattern": None,
            "prefix_separator_symbol": None,
        }

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "CharTokenizer":
        """Make the component (Rasa's interface)."""
        return cls(config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave the examples alone: nothing is learned from tokens."""
        return training_data

    def tokenize(self, message: Message, attribute: str) -> List[Token]:
        """Split an attribute of a message; a text without any token gives itself."""
        text = message.get(attribute) or ""
        tokens = [Token(match.group(), match.start()) for match in _TOKEN.finditer(text)]
        return tokens or [Token(text or "_", 0)]
