"""How the customer feels: positive, neutral or negative, and how strongly.

Logistic regressions on the same features as the intents and on a lexicon that an operator can read
and edit, trained on the sentences in ``data/emotion/*.tsv`` and on everyday examples of the intents.
"""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple, Type

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
from engine.nlu.feeling import LEVELS, FeelingModel
from engine.nlu.respelled import whole
from engine.nlu.sentence_encoder import SentenceEncoder, encode
from engine.nlu.storage import keep, recall
from engine.nlu.text import normalise, reading

EMOTION = "emotion"
CALM = {"label": "neutral", "level": "none", "score": 0.0}
_SEVERITY = {"light": 0.35, "medium": 0.7, "severe": 1.0}
_CLASSES = ("positive", "neutral", *LEVELS)
WORD_CLASSES = ("positive", *LEVELS)
"""Kinds of words in the lexicon, the one that weighs most last."""
_LEXICON = "lexicon.yml"
_CALM_INTENTS = (
    *("affirm", "deny", "greet", "goodbye", "faq", "query_points", "redeem_points", "store_info"),
    *("member_tier", "product_question", "promotion", "invoice", "change_order", "query_order"),
    *("query_logistics", "query_refund", "request_return", "return_policy", "cancel_order"),
    *("ask_human", "out_of_scope"),
)
"""Intents whose examples are neutral as a rule: everyday business calms the reader down."""
_SEVERE_INTENTS = ("abuse",)
_LEARNED_AS = {"calm": "neutral", "severe": "severe"}
_THRESHOLDS = ("negative_from", "sure_from", "medium_from", "severe_from")
_MOST_HITS = 2
_A_WORD = 4
"""Characters of a word or two: those that the lexicon does not know may be a town or a name, and are never rage."""
_SHOUTED = "!!!!"
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Lexicon:
    """Words that speak for a class, words that only look so, and what takes them back."""

    words: Dict[str, Tuple[str, ...]]
    calm: Tuple[str, ...]
    negations: Tuple[str, ...]
    doubtful: Tuple[str, ...] = ()
    """An example of an everyday intent with one of these is not learned as calm."""
    alone: Mapping[str, str] = field(default_factory=dict)
    """What a message means that says nothing else: its class by its reading."""
    signs: Mapping[str, "re.Pattern[str]"] = field(default_factory=dict)
    """Turns of phrase by name; whether a text holds one is a feature, training weighs it."""
    reach: int = 3
    """Characters before a word within which a negation counts."""

    @classmethod
    def parse(cls, content: Dict[str, Any]) -> "Lexicon":
        """Read ``lexicon.yml``."""

        def words(name: str) -> Tuple[str, ...]:
            return tuple(str(word).lower() for word in content.get(name) or [])

        alone = content.get("alone") or {}
        return cls(
            {name: words(name) for name in WORD_CLASSES},
            words("calm"),
            words("not"),
            words("doubtful"),
            {reading(str(text)): name for name, texts in alone.items() for text in texts or []},
            {
                str(name): re.compile(str(sign))
                for name, sign in (content.get("signs") or {}).items()
            },
        )

    def describe(self) -> Dict[str, Any]:
        """Return what ``parse`` reads."""
        listed: Dict[str, Any] = {name: list(words) for name, words in self.words.items()}
        alone: Dict[str, List[str]] = {}
        for text, name in self.alone.items():
            alone.setdefault(name, []).append(text)
        listed.update(calm=list(self.calm), doubtful=list(self.doubtful), alone=alone)
        listed["signs"] = {name: sign.pattern for name, sign in self.signs.items()}
        return {**listed, "not": list(self.negations)}

    def alone_means(self, text: str) -> Optional[str]:
        """Return the class of a text that is known, or that holds no Chinese to be read.

        Figures, Latin letters and pictures tell nothing unless the lexicon knows them.
        """
        if text in self.alone:
            return self.alone[text]
        if _HAN.search(text):
            return None
        found = self.hits(text)
        return next((name for name in reversed(WORD_CLASSES) if found.get(name)), "neutral")

    def row(self, text: str) -> List[int]:
        """Return features of a text as typed: hits by ``WORD_CLASSES``, and whether it shouts."""
        found = self.hits(reading(text))
        counts = [min(found.get(name, 0), _MOST_HITS) for name in WORD_CLASSES]
        return [*counts, int(_SHOUTED in normalise(text).text)]

    def signed(self, text: str) -> List[int]:
        """Return which ``signs`` a text holds, in their order."""
        read = reading(text)
        return [int(sign.search(read) is not None) for sign in self.signs.values()]

    def is_calm(self, text: str) -> bool:
        """Whether nothing in a text speaks for any feeling."""
        read = reading(text)
        return not any(word in read for word in self.doubtful) and not any(self.row(text))

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
        ``word`` a lexicon hit, ``sign`` a turn of phrase; ``penalty`` is the C of the regressions. ``negative_from`` is the
        least probability to say negative, ``sure_from`` the least for its full severity (below it
        a false alarm must stay a small one), ``medium_from`` and ``severe_from`` the least severity
        to say so (0.35 is surely light, 0.7 surely medium, 1 surely severe). Every
        ``calm_every``-th example of the ``calm_intents`` in which the lexicon finds nothing is
        learned as neutral, too, and every ``severe_every``-th of the ``severe_intents`` as severe.
        """
        return {
            "folder": "data/emotion",
            "char": 2.0,
            "pinyin": 0.5,
            "sentence": 0.8,
            "penalty": 24.0,
            "word": 0.25,
            "sign": 0.3,
            "negative_from": 0.42,
            "sure_from": 0.6,
            "medium_from": 0.5,
            "severe_from": 0.75,
            "calm_intents": list(_CALM_INTENTS),
            "calm_every": 6,
            "severe_intents": list(_SEVERE_INTENTS),
            "severe_every": 2,
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
        self._model: Optional[FeelingModel] = None
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
            component._model = FeelingModel.from_arrays(arrays)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the sentences; a project without any gets a reader that says neutral."""
        folder = Path(self._config["folder"])
        texts, classes = read_sentences(folder)
        if len(set(classes)) < 2:
            keep(self._storage, self._resource, {}, {})
            return self._resource
        lexicon = folder / _LEXICON
        if lexicon.exists():
            self._lexicon = Lexicon.parse(rasa.shared.utils.io.read_yaml_file(lexicon))
        vectors = [encode(texts)]
        for name in ("calm", "severe"):
            more = self._examples(training_data, name)
            texts += [str(example.get(TEXT)) for example in more]
            classes += [_LEARNED_AS[name]] * len(more)
            vectors.append(sentence_vectors(more))
        features, model = self.learn(texts, classes, np.concatenate(vectors))
        described = {"features": features.dump(), "lexicon": self._lexicon.describe()}
        keep(self._storage, self._resource, described, model.arrays())
        return self._resource

    def _examples(self, training_data: TrainingData, name: str) -> List[Message]:
        intents = self._config[f"{name}_intents"]
        examples = [
            example for example in training_data.intent_examples if example.get("intent") in intents
        ]
        if name == "calm":
            examples = [one for one in examples if self._lexicon.is_calm(str(one.get(TEXT)))]
        return examples[:: self._config[f"{name}_every"]]

    def learn(
        self, texts: List[str], classes: List[str], vectors: np.ndarray
    ) -> Tuple[TextFeatures, FeelingModel]:
        """Fit features and model to texts of known classes and sentence vectors."""
        recipe = Recipe(self._config["char"], self._config["pinyin"], self._config["sentence"])
        features, matrix = TextFeatures.learn(texts, vectors, recipe)
        words = np.stack([self._words(text) for text in texts])
        model = FeelingModel.fit(matrix, words, classes, self._config["penalty"])
        self._features, self._model = features, model
        return features, model

    def process(self, messages: List[Message]) -> List[Message]:
        """Set the emotion of each message."""
        for message in messages:
            message.set(EMOTION, self._feel(message), add_to_output=True)
        return messages

    def _feel(self, message: Message) -> Dict[str, Any]:
        text = message.get(TEXT)
        if not text:
            return dict(CALM)
        return self.feel(str(text), whole(message), sentence_vectors([message])[0])

    def feel(self, text: str, spelled: str, vector: np.ndarray) -> Dict[str, Any]:
        """Read one text; untrained, it is always calm.

        Args:
            text: as it was typed; its marks and pictures count.
            spelled: as it was meant.
            vector: its sentence vector.
        """
        if self._model is None or self._features is None:
            return dict(CALM)
        read = reading(text)
        known = self._lexicon.alone_means(read)
        if known is not None:
            return judge({known: 1.0}, **self._thresholds())
        values = self._features.decide(spelled, vector, self._model.weights, self._model.bias)
        hits = self._words(text)
        values = values + hits @ self._model.words
        felt = judge(self._model.shares(values), **self._thresholds())
        if len(read) <= _A_WORD and not hits.any() and felt["level"] in LEVELS[1:]:
            return {**felt, "level": "light", "score": _SEVERITY["light"]}
        return felt

    def _words(self, text: str) -> np.ndarray:
        """Return what the lexicon finds in a text, weighed."""
        hits = np.array(self._lexicon.row(text), dtype=np.float32) * self._config["word"]
        signs = np.array(self._lexicon.signed(text), dtype=np.float32) * self._config["sign"]
        return np.concatenate([hits, signs])

    def _thresholds(self) -> Dict[str, float]:
        return {name: self._config[name] for name in _THRESHOLDS}


def judge(
    share: Dict[str, float],
    negative_from: float,
    sure_from: float = 0.0,
    medium_from: float = 0.5,
    severe_from: float = 0.83,
) -> Dict[str, Any]:
    """Turn class probabilities into label, level and score.

    Args:
        share: probability of each class.
        negative_from: least probability of all negative levels together to say negative.
        sure_from: below this probability of negative the severity counts in proportion.
        medium_from: least expected severity to say medium.
        severe_from: least expected severity to say severe.
    """
    negative = sum(share.get(level, 0.0) for level in LEVELS)
    if negative >= negative_from:
        severity = sum(_SEVERITY[level] * share.get(level, 0.0) for level in LEVELS)
        severity /= max(negative, sure_from)
        level = "light"
        if severity >= medium_from:
            level = "severe" if severity >= severe_from else "medium"
        return {"label": "negative", "level": level, "score": round(severity, 3)}
    label = "positive" if share.get("positive", 0.0) > share.get("neutral", 0.0) else "neutral"
    return {"label": label, "level": "none", "score": round(share.get(label, 0.0), 3)}
