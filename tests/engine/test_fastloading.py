"""Training data read the short way is what Rasa itself reads."""

from __future__ import annotations

import copy
import subprocess
import sys
from pathlib import Path

from rasa.shared.importers.rasa import RasaFileImporter
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
FINGERPRINT = """
import sys
from rasa.shared.importers.rasa import RasaFileImporter
print(RasaFileImporter(training_data_paths=[sys.argv[1]]).get_nlu_data().fingerprint())
"""

fastloading.install()


class TestReading:
    def test_the_data_is_what_rasa_reads_without_us(self, tmp_path: Path) -> None:
        for number in range(3):
            text = FILE.replace("query_order", f"intent_{number}")
            (tmp_path / f"{number}.yml").write_text(text, "utf-8")
        plain = subprocess.run(
            [sys.executable, "-c", FINGERPRINT, str(tmp_path)],
            capture_output=True,
            text=True,
            check=True,
        )
        data = RasaFileImporter(training_data_paths=[str(tmp_path)]).get_nlu_data()
        assert len(data.training_examples) == 6
        assert data.fingerprint() == plain.stdout.strip()

    def test_files_are_read_once_for_all_languages(self, tmp_path: Path) -> None:
        (tmp_path / "a.yml").write_text(FILE, "utf-8")
        importer = RasaFileImporter(training_data_paths=[str(tmp_path)])
        assert importer.get_nlu_data() is importer.get_nlu_data("zh")


class TestMessages:
    def test_a_copy_shares_nothing_that_can_change(self) -> None:
        message = Message({"text": "好", "entities": [{"entity": "a"}]})
        message.set("intent", "affirm", add_to_output=True)
        made = copy.deepcopy(message)
        assert made == message
        made.get("entities")[0]["entity"] = "b"
        made.output_properties.add("other")
        assert message.get("entities") == [{"entity": "a"}]
        assert "other" not in message.output_properties

    def test_blanks_around_intents_go_and_twins_too(self) -> None:
        examples = [Message({"text": "好", "intent": name}) for name in ("affirm ", "affirm")]
        data = TrainingData(examples)
        assert [example.get("intent") for example in data.training_examples] == ["affirm"]
