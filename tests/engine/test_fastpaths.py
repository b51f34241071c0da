"""Our replacements behave like what they replace."""

from __future__ import annotations

from typing import Any

import pytest
import rasa.shared.core.events as events
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.engine.graph import GraphSchema, SchemaNode
from rasa.shared.core.domain import Domain
from rasa.shared.exceptions import RasaException

from engine import fastpaths
from engine.door import DoorInput

fastpaths.install()


class TestActionAnswers:
    @pytest.mark.parametrize(
        "answer",
        [
            {"events": [], "responses": []},
            {},
            {"events": [{"event": "slot", "name": "a", "value": None}], "responses": [{}]},
        ],
    )
    def test_a_right_shape_passes(self, answer: dict[str, Any]) -> None:
        assert RemoteAction("a", None)._validate_action_result(answer)

    @pytest.mark.parametrize(
        "answer", [[], None, {"events": "x"}, {"responses": [1]}, {"events": [{"name": "a"}]}]
    )
    def test_a_wrong_shape_is_refused_without_quoting_it(self, answer: Any) -> None:
        with pytest.raises(ValidationError) as caught:
            RemoteAction("action_a", None)._validate_action_result(answer)
        assert caught.value.message == "action_a: the action server's answer has a wrong shape"


class TestEventTypes:
    def test_every_event_is_found_again_and_again(self) -> None:
        for _ in range(2):
            assert events.Event.resolve_by_type("user") is events.UserUttered
            assert events.Event.resolve_by_type("slot") is events.SlotSet

    def test_unknown_names_still_raise_or_give_the_default(self) -> None:
        with pytest.raises(ValueError, match="Unknown event name"):
            events.Event.resolve_by_type("no such event")
        assert events.Event.resolve_by_type("none", events.SlotSet) is events.SlotSet
        with pytest.raises(ValueError, match="Unknown event name"):
            events.Event.resolve_by_type("none")


class TestEmptyDomain:
    def test_only_a_domain_with_nothing_in_it_is_empty(self) -> None:
        assert Domain.empty().is_empty()
        assert Domain.from_dict({}).is_empty()
        assert not Domain.from_dict({"intents": ["greet"]}).is_empty()


class TestOrder:
    def node(self, **needs: str) -> SchemaNode:
        return SchemaNode(needs, object, "create", "run", {})  # type: ignore[arg-type]

    def test_each_node_comes_after_its_needs(self) -> None:
        schema = GraphSchema(
            {"c": self.node(x="b", y="a"), "b": self.node(x="a"), "a": self.node(x="in")}
        )
        order = fastpaths._order(schema, ["c"], {"in": 1})
        assert order is not None
        assert [name for name, _ in order] == ["a", "b", "c"]

    def test_a_graph_with_a_gap_is_left_to_dask(self) -> None:
        schema = GraphSchema({"b": self.node(x="a")})
        assert fastpaths._order(schema, ["b"], {}) is None


class TestToken:
    @pytest.mark.parametrize(
        "credentials", [None, {}, {"token": ""}, {"token": "  "}, {"token": "short"}]
    )
    def test_without_a_token_the_engine_does_not_start(self, credentials: Any) -> None:
        with pytest.raises(RasaException, match="YINGDA_INTERNAL_TOKEN"):
            DoorInput.from_credentials(credentials)
