"""How the customer feels: positive, neutral or negative, and how strongly.

A calibrated linear classifier on the same features as the intents, trained on the sentences in
``data/emotion/*.tsv``, with a small lexicon on top that an operator can read and edit.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple, Type

import numpy as np
import rasa.shared.utils.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.exceptions import RasaException
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine.nlu.features import Recipe, TextFeatures, sentence_vectors
from engine.nlu.linear import LinearModel
from engine.nlu.respelled import meant
from engine.nlu.sentence_encoder import SentenceEncoder, encode
from engine.nlu.storage import keep, recall
from engine.nlu.text import reading
from engine.nlu.training import train_classifier

EMOTION = "emotion"
CALM = {"label": "neutral", "level": "none", "score": 0.0}
_LEVELS = ("light", "medium", "severe")
_SEVERITY = {"light": 0.35, "medium": 0.7, "severe": 1.0}
_CLASSES = ("positive", "neutral", *_LEVELS)
_LEXICON = "lexicon.yml"
_CALM_INTENTS = (
    *("affirm", "deny", "greet", "goodbye", "faq", "query_points", "redeem_points", "store_info"),
    *("member_tier", "product_question", "promotion", "invoice", "change_order", "query_order"),
)
"""Intents whose examples are neutral as a rule: everyday business calms the reader down."""


@dataclass(frozen=True)
class Lexicon:
    """Words that speak for a class, words that only look so, and what takes them back."""

    words: Dict[str, Tuple[str, ...]]
    calm: Tuple[str, ...]
    negations: Tuple[str, ...]
    reach: int = 3
    """Characters before a word within which a negation counts."""

    @classmethod
    def parse(cls, content: Dict[str, Any]) -> "Lexicon":
        """Read ``lexicon.yml``."""

        def words(name: str) -> Tuple[str, ...]:
            return tuple(str(word).lower() for word in content.get(name) or [])

        known = ("positive", *_LEVELS)
        return cls({name: words(name) for name in known}, words("calm"), words("not"))

    def describe(self) -> Dict[str, Any]:
        """Return what ``parse`` reads."""
        listed: Dict[str, Any] = {name: list(words) for name, words in self.words.items()}
        return {**listed, "calm": list(self.calm), "not": list(self.negations)}

    def hits(self, text: str) -> Dict[str, int]:
        """Count the words of each class that stand in a text and mean it."""
        for phrase in self.calm:
            text = text.replace(phrase, "·")
        return {
            name: sum(self._means(word, text) for word in words if word in text)
            for name, words in self.words.items()
        }

    def _means(self, word: str, text: str) -> bool:
        at = text.find(word)
        before = text[max(0, at - self.reach) : at]
        return not any(negation in before for negation in self.negations)


def read_sentences(folder: Path) -> Tuple[List[str], List[str]]:
    """Read ``text, label, level`` from all tables of a folder; return texts and classes.

    Raises:
        RasaException: a row has an unknown label or level; the message names file and line.
    """
    texts, classes = [], []
    for path in sorted(folder.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            for number, row in enumerate(rows, start=2):
                name = row.get("level") if row.get("label") == "negative" else row.get("label")
                if name not in _CLASSES or not row.get("text"):
                    raise RasaException(f"{path.name}, line {number}: needs text, label and level")
                texts.append(str(row["text"]))
                classes.append(str(name))
    return texts, classes


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class EmotionReader(GraphComponent):
    """Sets the message property ``emotion``: ``{"label", "level", "score"}``.

    ``score`` says how strongly the label holds, 0 to 1: for negative the expected severity (a
    light complaint lies near 0.35, open rage near 1), else the probability of the label.
    """

    @classmethod
    def required_components(cls) -> List[Type]:
        """The sentence vector must be there."""
        return [SentenceEncoder]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's options.

        ``folder`` holds the sentences; ``char``, ``pinyin``, ``sentence`` weigh the features and
        ``word`` a lexicon hit; ``negative_from`` is the least probability to say negative; every
        ``calm_every``-th example of the ``calm_intents`` is learned as neutral, too.
        """
        return {
            "folder": "data/emotion",
            "char": 1.0,
            "pinyin": 0.3,
            "sentence": 1.0,
            "penalty": 0.5,
            "word": 0.35,
            "negative_from": 0.5,
            "calm_intents": list(_CALM_INTENTS),
            "calm_every": 5,
        }

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Train anew when a sentence or the lexicon changed."""
        folder = Path(config.get("folder") or cls.get_default_config()["folder"])
        digest = hashlib.sha256()
        for path in sorted([*folder.glob("*.tsv"), *folder.glob("*.yml")]):
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def __init__(self, config: Dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._features: Optional[TextFeatures] = None
        self._model: Optional[LinearModel] = None
        self._lexicon = Lexicon({}, (), ())

    @classmethod
    def create(
        cls,
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "EmotionReader":
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
    ) -> "EmotionReader":
        """Load a trained component (Rasa's interface)."""
        component = cls(config, model_storage, resource)
        described, arrays = recall(model_storage, resource)
        if described:
            component._features = TextFeatures.parse(described["features"])
            component._lexicon = Lexicon.parse(described["lexicon"])
            component._model = LinearModel.from_arrays(arrays)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the sentences; a project without any gets a reader that says neutral."""
        folder = Path(self._config["folder"])
        texts, classes = read_sentences(folder)
        if len(set(classes)) < 2:
            keep(self._storage, self._resource, {}, {})
            return self._resource
        calm = [
            example.get(TEXT)
            for example in training_data.intent_examples
            if example.get("intent") in self._config["calm_intents"]
        ][:: self._config["calm_every"]]
        texts, classes = texts + calm, classes + ["neutral"] * len(calm)
        recipe = Recipe(self._config["char"], self._config["pinyin"], self._config["sentence"])
        self._features, self._model = train_classifier(
            texts, classes, encode(texts), recipe, self._config["penalty"], noisy=False
        )
        lexicon = folder / _LEXICON
        if lexicon.exists():
            self._lexicon = Lexicon.parse(rasa.shared.utils.io.read_yaml_file(lexicon))
        described = {"features": self._features.dump(), "lexicon": self._lexicon.describe()}
        keep(self._storage, self._resource, described, self._model.arrays())
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set the emotion of each message."""
        for message in messages:
            message.set(EMOTION, self._feel(message), add_to_output=True)
        return messages

    def _feel(self, message: Message) -> Dict[str, Any]:
        text = message.get(TEXT)
        if not text or self._model is None or self._features is None:
            return dict(CALM)
        vector = sentence_vectors([message])[0]
        decisions = self._features.decide(
            meant(message), vector, self._model.weights, self._model.bias
        )
        for name, count in self._lexicon.hits(reading(text)).items():
            if count and name in self._model.classes:
                decisions[self._model.classes.index(name)] += self._config["word"] * min(count, 2)
        shares = self._model.probabilities(decisions[np.newaxis])[0]
        share = {
            name: float(value) for name, value in zip(self._model.classes, shares, strict=True)
        }
        return judge(share, self._config["negative_from"])


def judge(share: Dict[str, float], negative_from: float) -> Dict[str, Any]:
    """Turn class probabilities into label, level and score.

    Args:
        share: probability of each class.
        negative_from: least probability of all negative levels together to say negative.
    """
    negative = sum(share.get(level, 0.0) for level in _LEVELS)
    if negative >= negative_from:
        severity = sum(_SEVERITY[level] * share.get(level, 0.0) for level in _LEVELS) / negative
        level = "light" if severity < 0.5 else "medium" if severity < 0.83 else "severe"
        return {"label": "negative", "level": level, "score": round(severity, 3)}
    label = "positive" if share.get("positive", 0.0) > share.get("neutral", 0.0) else "neutral"
    return {"label": label, "level": "none", "score": round(share.get(label, 0.0), 3)}
