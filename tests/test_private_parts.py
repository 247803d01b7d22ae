"""The private parts of libraries that the server stands on, by name: the upper bounds in pyproject.toml hold them."""

import importlib
import inspect
from asyncio import BaseTransport, Event
from collections.abc import Sequence
from typing import Any, Final, cast

import pytest
from pydantic import ValidationError
from pydantic_core import SchemaValidator
from uvicorn import Config
from uvicorn.protocols.http.flow_control import FlowControl
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from chatdouble.schema.request import ChatCompletionRequest
from transport_apps import app

UVICORN: Final[dict[str, Sequence[str]]] = {
    "HttpToolsProtocol.__init__": ["self", "config", "server_state", "app_state", "_loop"],
    "HttpToolsProtocol._start_asgi_task": ["self", "cycle", "app"],
    "HttpToolsProtocol._unset_keepalive_if_required": ["self"],
    "HttpToolsProtocol.connection_lost": ["self", "exc"],
    "HttpToolsProtocol.connection_made": ["self", "transport"],
    "HttpToolsProtocol.data_received": ["self", "data"],
    "HttpToolsProtocol.on_headers_complete": ["self"],
    "HttpToolsProtocol.on_response_complete": ["self"],
    "HttpToolsProtocol.send_400_response": ["self", "msg"],
    "HttpToolsProtocol.shutdown": ["self"],
    "HttpToolsProtocol.timeout_keep_alive_handler": ["self"],
    "RequestResponseCycle.receive": ["self"],
    "RequestResponseCycle.run_asgi": ["self", "app"],
    "RequestResponseCycle.send": ["self", "message"],
    "RequestResponseCycle.send_500_response": ["self"],
    "FlowControl.__init__": ["self", "transport"],
    "FlowControl.drain": ["self"],
    "FlowControl.pause_writing": ["self"],
    "FlowControl.resume_writing": ["self"],
}
CLASSES: Final[dict[str, type[Any]]] = {
    kind.__name__: kind for kind in (HttpToolsProtocol, RequestResponseCycle, FlowControl)
}
ATTRIBUTES: Final = (
    *("app", "config", "cycle", "expect_100_continue", "flow", "headers", "logger", "loop", "parser", "pipeline"),
    *("scope", "server_state", "timeout_keep_alive", "timeout_keep_alive_task", "transport", "url"),
)
OPERATIONS: Final = {
    r"a": "LITERAL",
    r"[^a]": "NOT_LITERAL",
    r".": "ANY",
    r"[ab\d]": "IN",
    r"ab|cd": "BRANCH",
    r"(a)": "SUBPATTERN",
    r"(?>ab)": "ATOMIC_GROUP",
    r"a*": "MAX_REPEAT",
    r"a*?": "MIN_REPEAT",
    r"a*+": "POSSESSIVE_REPEAT",
}


@pytest.mark.parametrize("method", UVICORN)
def test_uvicorn_has_this_method(method: str) -> None:
    kind, _, name = method.partition(".")
    assert [*inspect.signature(getattr(CLASSES[kind], name)).parameters] == UVICORN[method]


async def test_uvicorns_protocol_has_these_attributes() -> None:
    protocol = HttpToolsProtocol(Config(app, log_config=None), ServerState(), {})
    protocol.on_message_begin()
    assert [name for name in ATTRIBUTES if not hasattr(protocol, name)] == []
    assert hasattr(protocol.server_state, "default_headers")
    assert hasattr(protocol.server_state, "total_requests")


async def test_uvicorns_flow_control_waits_for_an_event_that_can_be_replaced() -> None:
    flow: Any = FlowControl(cast("Any", BaseTransport()))
    assert isinstance(flow._is_writable_event, Event)  # noqa: SLF001 - the part that is relied on
    assert flow.write_paused is False


def test_larks_loader_gives_the_definitions_of_rules_before_they_are_compiled() -> None:
    loader = importlib.import_module("lark.load_grammar").load_grammar
    grammar, _files = loader('start: "a" -> one | "b"', "the grammar", [], True)
    ((name, parameters, alternatives, _options),) = grammar.rule_defs
    assert (name, parameters) == ("start", ())
    first, second = alternatives.children
    assert (first.data, first.children[0].data) == ("alias", "expansion")
    assert second.data == "expansion"


@pytest.mark.parametrize("pattern", OPERATIONS)
def test_res_parser_names_this_operation(pattern: str) -> None:
    tree = importlib.import_module("re._parser").parse(pattern)
    assert [str(operation) for operation, _value in tree] == [OPERATIONS[pattern]]
    assert len(tree.getwidth()) == 2


def test_res_parser_names_references_ranges_and_categories() -> None:
    parse = importlib.import_module("re._parser").parse
    assert [str(operation) for operation, _ in parse(r"(a)\1(?(1)b|c)")][1:] == ["GROUPREF", "GROUPREF_EXISTS"]
    ((_, items),) = parse(r"[^a-z\d\s\w]")
    assert [str(operation) for operation, _ in items] == ["NEGATE", "RANGE", "CATEGORY", "CATEGORY", "CATEGORY"]
    assert [str(value) for _, value in items[2:]] == ["CATEGORY_DIGIT", "CATEGORY_SPACE", "CATEGORY_WORD"]


def test_res_parser_slices_a_sequence_and_lists_a_repeats_bounds() -> None:
    ((_, (least, most, inner)),) = importlib.import_module("re._parser").parse("a{2,5}")
    assert (least, int(most)) == (2, 5)
    assert inner[0:1].getwidth() == (1, 1)


def test_pydantics_schemas_name_their_kinds_and_can_be_changed() -> None:
    whole: Any = ChatCompletionRequest.__pydantic_core_schema__
    while whole["type"] != "model-fields":
        whole = whole["schema"]
    messages = whole["fields"]["messages"]
    while messages["type"] != "list":
        messages = messages["schema"]
    assert isinstance(messages["items_schema"]["type"], str)
    strict = SchemaValidator({"type": "list", "items_schema": {"type": "int"}, "fail_fast": True}, _use_prebuilt=False)
    with pytest.raises(ValidationError) as caught:
        strict.validate_python(["a", "b"])
    assert caught.value.error_count() == 1
