"""Replacements for what Rasa does over and over while it trains; the training data stay the same.

Rasa reads every file twice, copies all of tens of thousands of examples at every merge and hashes each of
them anew after every component. On two quiet cores that is more than a minute in which nothing is learned.
``install`` is idempotent; ``engine.nlu.faq_importer``, which only training loads, calls it.

=============================================  ================================================
what Rasa does                                 what we do
=============================================  ================================================
sets every intent to itself without blanks     set those only that have blanks, so that the
at each merge, which forgets the hash          others keep their hash
copies all examples at each merge              let merged data share them with its parts
hashes an example by way of JSON, part by      hash what it says and its features in one go
part, and its features by way of their text
reads the files again for another "language",  read them once an importer
of which YAML knows none
=============================================  ================================================
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from typing import Any, Dict, List, Optional

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, RESPONSE
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

_ATTRIBUTES = {"time", "data", "features", "_cached_fingerprint", "output_properties"}
_installed = False


def install() -> None:
    """Put all replacements in place (once per process)."""
    global _installed
    if _installed:
        return
    _installed = True
    # Another Rasa, whose examples are made of other parts, fails here instead of hashing too few of them.
    assert set(Message().__dict__) == _ATTRIBUTES  # noqa: S101
    _hash_in_one_go()
    Message.__deepcopy__ = _itself  # type: ignore[attr-defined]
    assert callable(TrainingData.sanitize_examples)  # noqa: S101
    TrainingData.sanitize_examples = staticmethod(_sanitize)  # type: ignore[method-assign]
    _read_once()


def _hash_in_one_go() -> None:
    thorough = Message.fingerprint

    def fingerprint(self: Message) -> str:
        if self._cached_fingerprint is not None:
            return str(self._cached_fingerprint)
        if not all(isinstance(value, str) for value in self.data.values()):
            return str(thorough(self))
        digest = hashlib.blake2b(repr(sorted(self.data.items())).encode(), digest_size=16)
        for features in self.features:
            digest.update(_described(features))
        self._cached_fingerprint = digest.hexdigest()
        return self._cached_fingerprint

    Message.fingerprint = fingerprint  # type: ignore[method-assign]


def _described(features: Features) -> bytes:
    if not features.is_dense():
        return str(features.fingerprint()).encode()
    array = features.features
    kind = (features.type, features.origin, features.attribute, array.shape, array.dtype.str)
    return repr(kind).encode() + bytes(array.tobytes())


def _itself(self: Message, memo: Dict[int, Any]) -> Message:
    return self


def _sanitize(examples: List[Message]) -> List[Message]:
    for example in examples:
        for name in (INTENT, RESPONSE):
            value = example.get(name)
            if value and value != value.strip():
                example.set(name, value.strip())
    return list(OrderedDict.fromkeys(examples))


def _read_once() -> None:
    read = RasaFileImporter.get_nlu_data

    def get_nlu_data(self: RasaFileImporter, language: Optional[str] = "en") -> TrainingData:
        kept: Dict[str, TrainingData] = self.__dict__
        if "_nlu_data_read" not in kept:
            kept["_nlu_data_read"] = read(self, language)
        return kept["_nlu_data_read"]

    RasaFileImporter.get_nlu_data = get_nlu_data  # type: ignore[method-assign]
