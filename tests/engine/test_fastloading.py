"""Training data read the short way is what Rasa itself reads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from engine import fastloading

ROOT = Path(__file__).parents[2]
FILE = """version: "3.1"
nlu:
- intent: query_order
  examples: |
    - 我的单呢
    - 我的单呢
    - 查[订单](thing)
"""
DATA = """
import json, sys
from rasa.shared.importers.rasa import RasaFileImporter
data = RasaFileImporter(training_data_paths=[sys.argv[1]]).get_nlu_data()
print(json.dumps([example.data for example in data.training_examples]))
"""

fastloading.install()


class TestReading:
    def test_the_data_is_what_rasa_reads_without_us(self, tmp_path: Path) -> None:
        for number in range(3):
            text = FILE.replace("query_order", f"intent_{number}")
            (tmp_path / f"{number}.yml").write_text(text, "utf-8")
        plain = subprocess.run(
            [sys.executable, "-c", DATA, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
        )
        data = RasaFileImporter(training_data_paths=[str(tmp_path)]).get_nlu_data()
        assert len(data.training_examples) == 6
        assert [one.data for one in data.training_examples] == json.loads(plain.stdout)

    def test_files_are_read_once_for_all_languages(self, tmp_path: Path) -> None:
        (tmp_path / "a.yml").write_text(FILE, "utf-8")
        importer = RasaFileImporter(training_data_paths=[str(tmp_path)])
        assert importer.get_nlu_data() is importer.get_nlu_data("zh")


class TestMessages:
    def test_merged_data_hold_the_examples_of_all_parts_once(self) -> None:
        one, other = Message({"text": "好", "intent": "affirm"}), Message({"text": "嗯"})
        twin = Message({"text": "好", "intent": "affirm"})
        merged = TrainingData([one]).merge(TrainingData([twin, other]), None)
        assert len(merged.training_examples) == 2
        assert merged.training_examples[0] is one
        assert merged.training_examples[1] is other

    def test_merging_leaves_the_parts_alone(self) -> None:
        part = TrainingData([Message({"text": "好"})], responses={"utter_a": [{"text": "一"}]})
        part.merge(TrainingData([Message({"text": "嗯"})], responses={"utter_b": [{"text": "二"}]}))
        assert [example.get("text") for example in part.training_examples] == ["好"]
        assert list(part.responses) == ["utter_a"]

    def test_only_what_says_the_same_has_the_same_fingerprint(self) -> None:
        texts = ("好", "嗯")
        plain = [Message({"text": text, "intent": "affirm"}) for text in (*texts, "好")]
        assert plain[0].fingerprint() == plain[2].fingerprint() != plain[1].fingerprint()
        assert plain[0] == plain[2] != plain[1]
        nested = [
            Message({"text": "好", "entities": [{"entity": name}]}) for name in ("a", "b", "a")
        ]
        assert nested[0].fingerprint() == nested[2].fingerprint() != nested[1].fingerprint()

    def test_features_are_part_of_the_fingerprint(self) -> None:
        def featured(*numbers: float) -> Message:
            message = Message({"text": "好"})
            vector = np.array([numbers], dtype=np.float32)
            message.add_features(Features(vector, "sentence", "text", "encoder"))
            return message

        assert featured(1.0, 2.0).fingerprint() == featured(1.0, 2.0).fingerprint()
        assert featured(1.0, 2.0).fingerprint() != featured(1.0, 3.0).fingerprint()
        assert featured(1.0, 2.0).fingerprint() != Message({"text": "好"}).fingerprint()

    def test_blanks_around_intents_go_and_twins_too(self) -> None:
        examples = [Message({"text": "好", "intent": name}) for name in ("affirm ", "affirm")]
        data = TrainingData(examples)
        assert [example.get("intent") for example in data.training_examples] == ["affirm"]
