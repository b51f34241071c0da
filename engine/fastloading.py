"""Replacements for what Rasa does over and over while it reads training data; results stay the same.

Rasa reads every file twice, merges them with deep copies and hashes each of tens of thousands of
examples anew at every merge. On two quiet cores that is most of a minute before anything is learned.
``install`` is idempotent; ``engine.nlu.faq_importer``, which only training loads, calls it.

=============================================  ================================================
what Rasa does                                 what we do
=============================================  ================================================
sets every intent to itself without blanks     set those only that have blanks, so that the
at each merge, which forgets the hash          others keep their hash
copies examples attribute by attribute         copy the parts that can change
reads the files again for another "language",  read them once an importer
of which YAML knows none
=============================================  ================================================
"""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any, Dict, List, Optional

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, RESPONSE
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
    # Another Rasa with other attributes fails here instead of losing one of them in a copy.
    assert set(Message().__dict__) == _ATTRIBUTES  # noqa: S101
    Message.__deepcopy__ = _copy  # type: ignore[attr-defined]
    assert callable(TrainingData.sanitize_examples)  # noqa: S101
    TrainingData.sanitize_examples = staticmethod(_sanitize)  # type: ignore[method-assign]
    _read_once()


def _copy(self: Message, memo: Dict[int, Any]) -> Message:
    made = Message.__new__(Message)
    memo[id(self)] = made
    made.time = self.time
    made.data = {
        name: value if isinstance(value, str) else copy.deepcopy(value, memo)
        for name, value in self.data.items()
    }
    made.features = copy.deepcopy(self.features, memo)
    made.output_properties = set(self.output_properties)
    made._cached_fingerprint = self._cached_fingerprint
    return made


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
        known = self.__dict__.get("_nlu_data_read")
        if known is None:
            known = self.__dict__["_nlu_data_read"] = read(self, language)
        return known

    RasaFileImporter.get_nlu_data = get_nlu_data  # type: ignore[method-assign]
