"""The FAQ files as training data and responses."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.exceptions import RasaException

from engine.nlu.faq_importer import FaqImporter, read_entries

ROOT = Path(__file__).resolve().parents[3]
ENTRY = """
faq:
- id: fee
  category: shipping
  questions: [包邮吗, 运费多少]
  answer: {text: 满 99 元包邮。, spoken: 满九十九元包邮。}
  buttons: [偏远地区, {title: 退货运费, payload: 退货运费谁出}]
"""


def project(tmp_path: Path, content: str) -> FaqImporter:
    folder = tmp_path / "data" / "faq"
    folder.mkdir(parents=True)
    (folder / "a.yml").write_text(content, encoding="utf-8")
    (tmp_path / "config.yml").touch()
    return FaqImporter(str(tmp_path / "config.yml"))


class TestImporter:
    def test_questions_become_examples_of_the_retrieval_intent(self, tmp_path: Path) -> None:
        data = project(tmp_path, ENTRY).get_nlu_data()
        assert data.retrieval_intents == {"faq"}
        example = data.intent_examples[0]
        assert example.get("text") == "包邮吗"
        assert example.get("intent_response_key") == "faq/fee"
        assert example.get("faq_category") == "shipping"

    def test_answers_become_responses_in_writing_and_for_the_phone(self, tmp_path: Path) -> None:
        written, spoken = project(tmp_path, ENTRY).get_domain().responses["utter_faq/fee"]
        assert written["text"] == "满 99 元包邮。"
        assert [button["payload"] for button in written["buttons"]] == ["偏远地区", "退货运费谁出"]
        assert spoken == {"text": "满九十九元包邮。", "channel": "phone"}

    def test_a_project_without_faq_is_fine(self, tmp_path: Path) -> None:
        importer = FaqImporter(str(tmp_path / "config.yml"))
        assert importer.get_domain().is_empty()
        assert not importer.get_nlu_data().intent_examples

    @pytest.mark.parametrize(
        ("content", "complaint"),
        [
            ("faq: [{id: A-B, questions: [x], answer: {text: y}}]", "needs an id"),
            ("faq: [{id: a, answer: {text: y}}]", "needs questions"),
            ("faq: [{id: a, questions: [x], answer: {}}]", "needs questions"),
            ("faq: [{id: a, questions: [x], answer: {text: y}},"
             " {id: a, questions: [x], answer: {text: y}}]", "is also in"),
        ],
    )  # fmt: skip
    def test_a_wrong_entry_is_named(self, tmp_path: Path, content: str, complaint: str) -> None:
        with pytest.raises(RasaException, match=complaint):
            project(tmp_path, content).get_domain()


def test_the_projects_own_entries_are_well_formed_and_many() -> None:
    assert len(read_entries(ROOT / "data" / "faq")) >= 60
