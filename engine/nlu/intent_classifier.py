"""Which of the domain's intents a text has, with a calibrated confidence for each."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Tuple, Type

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from sklearn.cluster import KMeans

from engine.nlu.cards import blank_cards, without_cards
from engine.nlu.circumstances import without_circumstances
from engine.nlu.clauses import PARTS, clauses
from engine.nlu.entities.products import Catalogue
from engine.nlu.examples import Examples, by_intent
from engine.nlu.familiar import Familiar
from engine.nlu.faq_importer import CATEGORY
from engine.nlu.features import Recipe, TextFeatures, sentence_vectors
from engine.nlu.frills import question_behind_answer
from engine.nlu.linear import WITHIN, LinearModel, intent_of
from engine.nlu.noise import Asides
from engine.nlu.respelled import meant, readings
from engine.nlu.sentence_encoder import SentenceEncoder, encode
from engine.nlu.storage import keep, recall
from engine.nlu.text import MAX_CHARS
from engine.nlu.training import train_classifier

_FEWEST_OF_A_THEME = 50
_FEWEST_TEXTS = 3
"""Of an n-gram that counts: a text and one of its copies alone say little of what others will write."""
_EQUAL = 0.8
"""So like an example of its likeliest intent, and of no other, a text is as good as that example."""
_SURE = 0.8
"""Confidence in such a text at least."""
_SEED = 20261111
_NEVER_PARTS = (
    *("affirm", "deny", "greet", "goodbye", "thanks", "out_of_scope", "abuse", "complaint"),
)
"""Intents that accompany a request rather than being one."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class IntentClassifier(GraphComponent):
    """A calibrated linear classifier; wide intents (``faq``) are learned in parts and summed."""

    @classmethod
    def required_components(cls) -> List[Type]:
        """The sentence vector must be there."""
        return [SentenceEncoder]

    @staticmethod
    def get_default_config() -> Dict[str, Any]:
        """The component's options.

        ``char``, ``pinyin``, ``sentence`` weigh the features; ``penalty`` is the machine's C;
        ``noisy`` learns from misspelt copies, too; ``wary_of`` is the intent of what is none of ours; ``themes`` names the intents that are too wide
        for one linear machine, and into how many classes of like sentences each is divided;
        ``catalogue`` names the shop's goods, relative to the folder in which Rasa is run, ``asides`` what people say
        around a matter, of any intent but the ``bare`` ones;
        ``ranking`` intents are reported; a clause is a part of a message with two requests if
        its intent is at least ``part_from`` sure and none of ``never_parts``; a question behind one of the ``answers``
        is what the message wants if its intent is at least ``asked_from`` sure, and none of these.
        """
        return {
            "char": 1.0,
            "pinyin": 1.0,
            "sentence": 1.0,
            "penalty": 0.3,
            "noisy": True,
            "wary_of": "out_of_scope",
            "themes": {"out_of_scope": 6},
            "catalogue": "data/shop/catalogue.yml",
            "asides": "data/asides.yml",
            "bare": ["affirm", "deny", "greet", "goodbye", "thanks"],
            "ranking": 10,
            "part_from": 0.8,
            "asked_from": 0.7,
            "never_parts": list(_NEVER_PARTS),
            "answers": ["affirm", "deny"],
        }

    def __init__(self, config: Dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self._config = config
        self._storage = storage
        self._resource = resource
        self._features: Optional[TextFeatures] = None
        self._familiar: Optional[Familiar] = None
        self._examples: Optional[Examples] = None
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
        component._features = TextFeatures.parse(described["features"])
        component._familiar = Familiar.parse(described["familiar"])
        component._examples = Examples(described["examples"])
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
        vectors = sentence_vectors(examples)
        wary_of = self._config["wary_of"]
        for intent, number in self._config["themes"].items():
            labels = by_theme(labels, vectors, intent, number)
        goods = Catalogue.load(Path(self._config["catalogue"])).names()
        recipe = Recipe(
            self._config["char"],
            self._config["pinyin"],
            self._config["sentence"],
            min_texts=_FEWEST_TEXTS,
            gaps=True,
        )
        self._features, self._model = train_classifier(
            texts,
            labels,
            vectors,
            recipe,
            self._config["penalty"],
            self._config["noisy"],
            encode,
            wary_of,
            goods,
            Asides.load(Path(self._config["asides"])),
            self._config["bare"],
        )
        intents = [example.get(INTENT) for example in examples]
        ours = [text for text, name in zip(texts, intents, strict=True) if name != wary_of]
        self._familiar = Familiar.fit(ours, goods)
        described = {
            "features": self._features.dump(),
            "familiar": self._familiar.dump(),
            "examples": by_intent(texts, intents),
        }
        keep(self._storage, self._resource, described, self._model.arrays())
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Set ``intent`` and ``intent_ranking`` of each message."""
        for message in messages:
            text = message.get(TEXT)
            vector = sentence_vectors([message])[0] if text else None
            ranking = self._rank(readings(message), vector) if text else []
            ranking = self._at_second_sight(meant(message), ranking)
            message.set(INTENT, ranking[0] if ranking else _NOTHING, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
            parts = self._parts(text or "")
            if parts:
                message.set(PARTS, parts, add_to_output=True)
        return messages

    def _at_second_sight(self, text: str, ranking: List[Dict[str, Any]]) -> List[Dict[str, Any]]:
        """Rank a text by what it comes to, where a yes, a no or the story of a purchase stands before that."""
        if not ranking:
            return ranking
        if ranking[0]["name"] in self._config["answers"]:
            behind = self._rank_alone(question_behind_answer(text))
            return behind if self._wants(behind, self._config["asked_from"]) else ranking
        matter = without_circumstances(text)
        alone = self._rank_alone(matter) if matter != text else []
        return max(ranking, alone, key=lambda one: one[0]["confidence"] if one else 0.0)

    def _rank_alone(self, text: str) -> List[Dict[str, Any]]:
        return self._rank([(text, 1.0)], encode([text])[0]) if text else []

    def _wants(self, ranking: List[Dict[str, Any]], least: float) -> bool:
        """Whether a part of a message is surely a request of its own."""
        first = ranking[0] if ranking else _NOTHING
        return first["confidence"] >= least and first["name"] not in self._config["never_parts"]

    def _parts(self, text: str) -> List[Dict[str, Any]]:
        """Return the requests of a message that holds several different ones, in order."""
        found = clauses(blank_cards(text)) if len(text) <= MAX_CHARS else []
        said = [without_cards(text[clause.start : clause.asked]) for clause in found]
        if not self._may_differ(said):
            return []
        parts: List[Dict[str, Any]] = []
        for (start, _, end), asked, vector in zip(found, said, encode(said), strict=True):
            ranking = self._rank([(asked, 1.0)], vector)
            if not self._wants(ranking, self._config["part_from"]):
                continue
            name = ranking[0]["name"]
            if parts and parts[-1]["intent"]["name"] == name:
                parts[-1].update(text=text[parts[-1]["start"] : end], end=end)
            else:
                whole = text[start:end]
                parts.append({"text": whole, "intent": ranking[0], "start": start, "end": end})
        return parts if len({part["intent"]["name"] for part in parts}) > 1 else []

    def _may_differ(self, said: List[str]) -> bool:
        """Whether letters and sounds alone see two requests (encoding clauses is dear)."""
        likely = [self._rank([(clause, 1.0)], None) for clause in said]
        names = {ranking[0]["name"] for ranking in likely if ranking}
        return len(names - set(self._config["never_parts"])) > 1

    def _rank(
        self, likely: Sequence[Tuple[str, float]], vector: Optional[np.ndarray]
    ) -> List[Dict[str, Any]]:
        """Rank the intents of a text that is likely one of these; the first is how it stands."""
        text = likely[0][0]
        if not any(char.isalnum() for char in text):
            return []  # nothing was said: emoji, punctuation, blanks
        assert self._features and self._familiar and self._examples and self._model  # noqa: S101
        decisions = self._features.decide_among(
            likely, vector, self._model.weights, self._model.bias
        )
        sentence = self._features.sentence_share(vector, self._model.weights)
        shares = self._model.probabilities(
            decisions[np.newaxis], sentence[np.newaxis], self._familiar.signs(text)[np.newaxis]
        )[0]
        total: Dict[str, float] = {}
        for name, share in zip(self._model.classes, shares, strict=True):
            intent = intent_of(name)
            total[intent] = total.get(intent, 0.0) + float(share)
        first = max(total, key=lambda intent: total[intent])
        if total[first] < _SURE and self._examples.alike(text, _EQUAL) == {first}:
            rest = min(1.0, (1.0 - _SURE) / max(1e-9, sum(total.values()) - total[first]))
            total = {name: _SURE if name == first else rest * total[name] for name in total}
        best = sorted(total.items(), key=lambda item: -item[1])[: self._config["ranking"]]
        return [{"name": name, "confidence": min(share, 1.0)} for name, share in best]


def by_theme(labels: List[str], vectors: np.ndarray, intent: str, number: int) -> List[str]:
    """Divide the examples of one intent into classes of like sentences, if it has enough."""
    rows = [row for row, label in enumerate(labels) if label == intent]
    if len(rows) < number * _FEWEST_OF_A_THEME:
        return labels
    themes = KMeans(number, n_init=2, random_state=_SEED).fit_predict(vectors[rows])
    sizes = np.bincount(themes, minlength=number)
    themes = np.where(sizes[themes] < _FEWEST_OF_A_THEME // 2, sizes.argmax(), themes)
    divided = list(labels)
    for row, theme in zip(rows, themes, strict=True):
        divided[row] = f"{intent}{WITHIN}{theme}"
    return divided


_NOTHING = {"name": None, "confidence": 0.0}


def _label(example: Message) -> str:
    category = example.get(CATEGORY)
    return f"{example.get(INTENT)}{WITHIN}{category}" if category else str(example.get(INTENT))
