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
derives the minimal graph schema anew     remember it per (graph, targets); the recursion
for each NLU and policy run               visits a shared node once per path to it
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
from rasa.core.processor import MessageProcessor
from rasa.engine.graph import GraphSchema
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
    _remember_graph_schemas()
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


def _remember_graph_schemas() -> None:
    original = GraphSchema.minimal_graph_schema

    def minimal(self: GraphSchema, targets: Optional[List[str]] = None) -> GraphSchema:
        # Kept on the schema itself, which lives as long as the loaded model; a deep copy (made
        # in training to be changed) carries another id and starts its own.
        owner, cache = self.__dict__.get("_yingda_minimal", (None, {}))
        if owner != id(self):
            cache = {}
            self.__dict__["_yingda_minimal"] = (id(self), cache)
        key = tuple(targets or ())
        if key not in cache:
            cache[key] = original(self, targets)
        return cache[key]

    GraphSchema.minimal_graph_schema = minimal  # type: ignore[method-assign]


def _watch_actions() -> None:
    original = MessageProcessor._run_action

    async def run_action(self: MessageProcessor, action: Any, *args: Any, **kwargs: Any) -> bool:
        return await original(self, _WatchedAction(action), *args, **kwargs)

    MessageProcessor._run_action = run_action  # type: ignore[method-assign]
