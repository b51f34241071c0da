"""Turns ``data/faq/*.yml``, which operators edit, into training data and responses.

An entry is ``{id, category, questions: […], answer: {text, spoken?}, buttons?: […]}``. It becomes
examples of the retrieval intent ``faq/<id>`` and the response ``utter_faq/<id>``, with the spoken
answer as its variation for the channel ``phone``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Dict, List, Optional, Union

import rasa.shared.utils.io
from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.constants import INTENT, INTENT_RESPONSE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine import fastloading

FAQ = "faq"
CATEGORY = "faq_category"
"""Message property: the entry's category, a class of its own for the intent classifier."""
FOLDER = Path("data/faq")
_ID = re.compile(r"[a-z0-9_]+")


class FaqImporter(TrainingDataImporter):
    """A Rasa importer (named in ``config.yml``) that adds the FAQ to the other training data."""

    def __init__(
        self,
        config_file: Optional[str] = None,
        domain_path: Optional[str] = None,
        training_data_paths: Optional[Union[List[str], str]] = None,
        folder: Optional[str] = None,
    ) -> None:
        fastloading.install()
        root = Path(config_file).resolve().parent if config_file else Path.cwd()
        self._folder = root / (folder or FOLDER)
        self._entries: Optional[List[Dict[str, Any]]] = None

    def get_domain(self) -> Domain:
        """Return the responses; the intent itself stands in ``domain.yml``."""
        entries = self._read()
        if not entries:
            return Domain.empty()
        responses = {f"utter_{FAQ}/{entry['id']}": _responses(entry) for entry in entries}
        return Domain.from_dict({"responses": responses})

    def get_nlu_data(self, language: Optional[str] = "en") -> TrainingData:
        """Return the questions as examples."""
        return TrainingData(
            [
                Message(
                    data={
                        TEXT: str(question),
                        INTENT: FAQ,
                        INTENT_RESPONSE_KEY: f"{FAQ}/{entry['id']}",
                        CATEGORY: entry["category"],
                    }
                )
                for entry in self._read()
                for question in entry["questions"]
            ],
            responses={f"{FAQ}/{entry['id']}": _responses(entry) for entry in self._read()},
        )

    def get_stories(self, exclusion_percentage: Optional[int] = None) -> StoryGraph:
        """Return no stories."""
        return StoryGraph([])

    def get_conversation_tests(self) -> StoryGraph:
        """Return no tests."""
        return StoryGraph([])

    def get_config(self) -> Dict[str, Any]:
        """Return no configuration."""
        return {}

    def get_config_file_for_auto_config(self) -> Optional[str]:
        """Return None: there is no configuration to complete."""
        return None

    def _read(self) -> List[Dict[str, Any]]:
        if self._entries is None:
            self._entries = read_entries(self._folder)
        return self._entries


def read_entries(folder: Path) -> List[Dict[str, Any]]:
    """Read and check all entries of a folder, in the order of file and place.

    Raises:
        RasaException: an entry is incomplete, or two have one id; the message names file and id.
    """
    entries: List[Dict[str, Any]] = []
    seen: Dict[str, str] = {}
    for path in sorted(folder.glob("*.yml")):
        content = rasa.shared.utils.io.read_yaml_file(path)
        listed = content.get("faq") if isinstance(content, dict) else content
        for entry in listed or []:
            where = f"{path.name}: FAQ entry {entry.get('id')!r}"
            if not isinstance(entry.get("id"), str) or not _ID.fullmatch(entry["id"]):
                raise RasaException(f"{where} needs an id of a-z, 0-9 and _")
            if entry["id"] in seen:
                raise RasaException(f"{where} is also in {seen[entry['id']]}")
            if not entry.get("questions") or not (entry.get("answer") or {}).get("text"):
                raise RasaException(f"{where} needs questions and an answer text")
            seen[entry["id"]] = path.name
            entries.append({**entry, "category": entry.get("category") or path.stem})
    return entries


def _responses(entry: Dict[str, Any]) -> List[Dict[str, Any]]:
    """Return the answer in writing and, if there is one, for the phone."""
    answer = entry["answer"]
    written: Dict[str, Any] = {"text": str(answer["text"]).strip()}
    buttons = entry.get("buttons") or []
    if buttons:
        written["buttons"] = [_button(button) for button in buttons]
    variations = [written]
    if answer.get("spoken"):
        variations.append({"text": str(answer["spoken"]).strip(), "channel": "phone"})
    return variations


def _button(button: Union[str, Dict[str, Any]]) -> Dict[str, str]:
    """A plain string is both what the button shows and what it says."""
    if isinstance(button, str):
        return {"title": button, "payload": button}
    title = str(button["title"])
    return {"title": title, "payload": str(button.get("payload") or title)}
