"""Replacements for Rasa's avoidable per-turn costs; behaviour stays the same.

Each was measured on Rasa 3.6.21 with a custom-action turn. ``install`` is idempotent, and each
replacement first checks that what it replaces is still there, so another Rasa version fails at
start rather than running half-patched.

========================================  =====================================================
what Rasa does                            what we do
========================================  =====================================================
checks the whole JSON schema of action    compile the validator once (23 of 27 ms a turn)
answers against the meta-schema each time
walks all Event subclasses per event      remember name -> class
deep-copies arguments of debug logs that  hand the log the object itself (Rasa filters the
are then filtered out                     record before it is rendered)
derives each run's graph anew and hands   derive the order once and call the nodes in it (1 ms a
it to dask's scheduler                    run, three runs a turn)
makes an empty domain to compare ours     make it once
with, each message
replays the conversation for rules on     skip it when no rule has one
customer texts, which nobody wrote
opens a TCP connection per action call    one pooled session (``ActionEndpoint``)
waits 300 s for an action server          3 s
swallows what an action raised            note it for the door's ``errors`` and go on as before
========================================  =====================================================
"""

from __future__ import annotations

import asyncio
import json
from contextvars import ContextVar
from types import ModuleType, SimpleNamespace
from typing import Any, Dict, List, Optional, Tuple, Type

import aiohttp
import rasa.core.actions.forms
import rasa.core.nlg.interpolator
import rasa.core.policies.memoization
import rasa.core.policies.rule_policy
import rasa.core.processor
from jsonschema import ValidationError
from jsonschema.validators import validator_for
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import Event
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

ACTION_TIMEOUT_S = 3.0
"""Longest wait for one call of the action server, connecting included."""

turn_errors: ContextVar[Optional[List[Dict[str, str]]]] = ContextVar("turn_errors", default=None)
"""Failures of the turn in progress: ``{"where": "nlu|policy|action", "what": …}``, no texts."""


def note_error(where: str, error: BaseException, name: str = "") -> None:
    """Add a failure to the turn in progress: only its kind, never its message (personal data)."""
    errors = turn_errors.get()
    if errors is not None:
        what = f"{name}: {type(error).__name__}" if name else type(error).__name__
        entry = {"where": where, "what": what}
        if entry not in errors:
            errors.append(entry)


class ActionEndpoint(EndpointConfig):
    """The action server behind a pooled session and a short time limit.

    Drop-in for Rasa's ``EndpointConfig``; reports failures through ``note_error`` and raises
    what Rasa expects.
    """

    def __init__(self, config: EndpointConfig, timeout_s: float = ACTION_TIMEOUT_S) -> None:
        super().__init__(
            config.url,
            config.params,
            config.headers,
            config.basic_auth,
            config.token,
            config.token_name,
            cafile=config.cafile,
            **config.kwargs,
        )
        self._timeout = aiohttp.ClientTimeout(total=timeout_s)
        self._session: Optional[aiohttp.ClientSession] = None

    async def request(
        self,
        method: str = "post",
        subpath: Optional[str] = None,
        content_type: Optional[str] = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Optional[Any]:
        """Call the action server and return its JSON.

        Raises:
            ClientResponseError: it answered with an error status (400: action rejected).
            aiohttp.ClientError: it could not be reached, in time.
        """
        if subpath or "params" in kwargs or self.cafile or self.basic_auth:
            kwargs["timeout"] = self._timeout
            return await super().request(method, subpath, content_type, compress, **kwargs)
        body = kwargs.get("json") or {}
        name = str(body.get("next_action", ""))
        data = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        try:
            async with self._pool().request(
                method,
                self.url,
                data=data,
                headers={"Content-Type": "application/json", **self.headers},
                params=self.combine_parameters(),
                compress=compress,
            ) as response:
                if response.status >= 400:
                    raise ClientResponseError(
                        response.status, response.reason, await response.content.read()
                    )
                return await response.json(content_type=None)
        except asyncio.TimeoutError as error:
            note_error("action", error, name)
            raise aiohttp.ServerTimeoutError("the action server took too long") from error
        except (aiohttp.ClientError, ClientResponseError, ValueError) as error:
            # 400 means that the action declined to run: a normal part of forms.
            if getattr(error, "status", None) != 400:
                note_error("action", error, name)
            if isinstance(error, ValueError):
                raise aiohttp.ClientPayloadError("the action server sent no JSON") from error
            raise

    def _pool(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(limit=100, keepalive_timeout=30)
            self._session = aiohttp.ClientSession(connector=connector, timeout=self._timeout)
        return self._session

    async def close(self) -> None:
        """Close the pooled connections."""
        if self._session is not None:
            await self._session.close()


class _WatchedAction:
    """An action that notes what it raises before Rasa swallows it."""

    def __init__(self, action: Any) -> None:
        self._action = action

    def __getattr__(self, name: str) -> Any:
        return getattr(self._action, name)

    async def run(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return await self._action.run(*args, **kwargs)
        except ActionExecutionRejection:
            raise
        except Exception as error:
            if not any(e["where"] == "action" for e in turn_errors.get() or []):
                note_error("action", error, self._action.name())
            raise


_installed = False


def install() -> None:
    """Put all replacements in place (once per process)."""
    global _installed
    if _installed:
        return
    _installed = True
    _compile_action_schema()
    _remember_event_types()
    _log_without_copies()
    _run_graphs_directly()
    _remember_the_empty_domain()
    _skip_text_rules()
    _watch_actions()


def _compile_action_schema() -> None:
    schema = RemoteAction.action_response_format_spec()
    validator_class = validator_for(schema)
    validator_class.check_schema(schema)
    validator = validator_class(schema)

    def validate(self: RemoteAction, result: Any) -> bool:
        error = next(validator.iter_errors(result), None)
        if error is not None:
            raise ValidationError(f"{self.name()}: the action server's answer has a wrong shape")
        return True

    assert callable(RemoteAction._validate_action_result)  # noqa: S101
    RemoteAction._validate_action_result = validate  # type: ignore[method-assign]


def _remember_event_types() -> None:
    original = Event.resolve_by_type
    known: Dict[str, Type[Event]] = {}

    def resolve(type_name: str, default: Optional[Type[Event]] = None) -> Optional[Type[Event]]:
        found = known.get(type_name)
        if found is None:
            found = original(type_name, default)
            if found is not None and found.type_name == type_name:
                known[type_name] = found
        return found

    Event.resolve_by_type = staticmethod(resolve)  # type: ignore[method-assign]


def _log_without_copies() -> None:
    # In these modules (Rasa 3.6.21) every use of ``copy`` is an argument of a debug log.
    shallow = SimpleNamespace(deepcopy=lambda value: value)
    modules: Tuple[ModuleType, ...] = (
        rasa.core.processor,
        rasa.core.policies.rule_policy,
        rasa.core.policies.memoization,
        rasa.core.actions.forms,
        rasa.core.nlg.interpolator,
    )
    for module in modules:
        assert hasattr(module, "copy"), module.__name__  # noqa: S101
        module.copy = shallow  # type: ignore[attr-defined]


def _run_graphs_directly() -> None:
    original = DaskGraphRunner.run

    def run(
        self: DaskGraphRunner,
        inputs: Optional[Dict[str, Any]] = None,
        targets: Optional[List[str]] = None,
    ) -> Dict[str, Any]:
        given = inputs or {}
        # Kept on the runner, which lives as long as the loaded model.
        orders = self.__dict__.setdefault("_yingda_orders", {})
        key = (tuple(targets or ()), frozenset(given))
        if key not in orders:
            orders[key] = _order(self._graph_schema, targets, given)
        if orders[key] is None:
            return original(self, inputs, targets)
        outputs = {name: (name, value) for name, value in given.items()}
        for name, needs in orders[key]:
            outputs[name] = self._instantiated_nodes[name](*[outputs[need] for need in needs])
        return {name: outputs[name][1] for name in targets or self._graph_schema.target_names}

    DaskGraphRunner.run = run  # type: ignore[method-assign]


def _order(
    schema: GraphSchema, targets: Optional[List[str]], given: Dict[str, Any]
) -> Optional[List[Tuple[str, List[str]]]]:
    """Return nodes with what they need, each after its needs; None where dask must decide."""
    order: Dict[str, List[str]] = {}

    def visit(name: str) -> bool:
        if name in order or name in given:
            return True
        node = schema.nodes.get(name)
        if node is None:
            return False
        needs = list(node.needs.values())
        if not all([visit(need) for need in needs]):
            return False
        order[name] = needs
        return True

    if not all([visit(name) for name in targets or schema.target_names]):
        return None
    return list(order.items())


def _remember_the_empty_domain() -> None:
    empty = Domain.empty().as_dict()
    assert callable(Domain.is_empty)  # noqa: S101
    Domain.is_empty = lambda self: self.as_dict() == empty  # type: ignore[method-assign]


def _skip_text_rules() -> None:
    original = RulePolicy._find_action_from_rules

    def find(
        self: RulePolicy, tracker: Any, domain: Any, use_text_for_last_user_input: bool
    ) -> Tuple[Optional[str], Optional[str], bool]:
        if use_text_for_last_user_input and not _has_text_rules(self):
            return None, None, False
        return original(self, tracker, domain, use_text_for_last_user_input)

    RulePolicy._find_action_from_rules = find  # type: ignore[method-assign]


def _has_text_rules(policy: RulePolicy) -> bool:
    known = policy.__dict__.get("_yingda_text_rules")
    if known is None:
        known = any(
            "text" in state.get("user", {})
            for rules in (RULES, RULES_FOR_LOOP_UNHAPPY_PATH)
            for key in policy.lookup.get(rules, {})
            for state in policy._rule_key_to_state(key)
        )
        policy.__dict__["_yingda_text_rules"] = known
    return bool(known)


def _watch_actions() -> None:
    original = MessageProcessor._run_action

    async def run_action(self: MessageProcessor, action: Any, *args: Any, **kwargs: Any) -> bool:
        return await original(self, _WatchedAction(action), *args, **kwargs)

    MessageProcessor._run_action = run_action  # type: ignore[method-assign]
