"""Binds each feature's RPCs to the services of its contract: every method has exactly one, and every one a method."""

import inspect
from collections.abc import Iterable, Sequence
from typing import Any, Never, cast, get_args, get_origin, get_type_hints

from attrs import evolve
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import MethodOptions
from mewe_core.kit.access import Access
from mewe_core.kit.feature import Feature, Rpc
from mewe_core.kit.ports import Follow
from mewe_core.kit.privacy.mine import export_of

from mewe_host.parts import Method
from mewe_host.wire.codecs import Codecs

REQUEST_ID = "request_id"
"""The field that every writing request has: the same id with the same content gives the same answer."""


PAGE = "next_page_token"
"""The field that every answer has which is a page."""


def bind(feature: Feature, codecs: Codecs) -> dict[str, Method]:
    """The feature's methods by path (``/mewe.chat.v1.ChatService/PostMessage``). Misfits go to ``codecs.problems``."""
    declared = _declared(feature, codecs.problems)
    bound: dict[str, Method] = {}
    for service in codecs.contracts.services(feature.name):
        for name, method in service.methods_by_name.items():
            rpc = declared.pop(name, None)
            if rpc is None:
                codecs.problems.append(f"feature {feature.name}: {service.full_name}/{name} has no Rpc in the feature")
                continue
            found = _bound(feature, rpc, method, codecs)
            if found is not None:
                bound[found.path] = found
    codecs.problems.extend(
        f"feature {feature.name}: no service of mewe.{feature.name}.v1 has a method {name} (handler {rpc.handler.__name__})"
        for name, rpc in declared.items()
    )
    return bound


def everywhere(features: Sequence[Feature], codecs: Codecs) -> dict[str, Method]:
    """What every feature has without declaring it, by path. Misfits go to ``codecs.problems``."""
    bound: dict[str, Method] = {}
    for service in codecs.contracts.services("kit"):
        for name, contract in service.methods_by_name.items():
            each: dict[str, Method] = {}
            for feature in features:
                rpc = next((one for one in (export_of(feature),) if one.method == name), None)
                found = None if rpc is None else _bound(feature, rpc, contract, codecs)
                if found is not None:
                    each[feature.name] = found
            for found in list(each.values())[:1]:
                bound[found.path] = evolve(found, everywhere=each)
    return bound


def _declared(feature: Feature, problems: list[str]) -> dict[str, Rpc[Never, object]]:
    declared: dict[str, Rpc[Never, object]] = {}
    for rpc in feature.rpcs:
        if rpc.method in declared:
            problems.append(f"feature {feature.name}: {rpc.method} has more than one Rpc")
        declared[rpc.method] = rpc
    return declared


def _bound(feature: Feature, rpc: Rpc[Never, object], method: MethodDescriptor, codecs: Codecs) -> Method | None:
    options = method.GetOptions()
    reads = options.idempotency_level == MethodOptions.NO_SIDE_EFFECTS
    problems = list(_contract_problems(method, reads=reads))
    if not isinstance(cast(object, rpc.access), Access):
        problems.append("has no access rule")
    if rpc.prepare is not None and method.server_streaming:
        problems.append("streams, and what streams prepares nothing")
    signature = _signature(rpc)
    if isinstance(signature, str):
        problems.append(signature)
    elif signature[2] != method.server_streaming:
        problems.append(
            "streams in the contract, its handler does not answer Follow[...]"
            if method.server_streaming
            else "answers Follow[...], does not stream in the contract"
        )
    codecs.problems.extend(f"feature {feature.name}: {method.name}: {problem}" for problem in problems)
    if isinstance(signature, str):
        return None
    request = codecs.codec(signature[0], method.input_type, feature.name)
    if problems or request is None:
        return None
    answer = (codecs.item if signature[2] else codecs.codec)(signature[1], method.output_type, feature.name)
    if answer is None:
        return None
    path = f"/{method.containing_service.full_name}/{method.name}"
    much = reads and not method.server_streaming and (rpc.gives_much or _is_list(method))
    return Method(path, feature.name, reads, method.server_streaming, cast("Rpc[object, object]", rpc), request, answer, much)


def _is_list(method: MethodDescriptor) -> bool:
    """Whether it gives as many things as there are: by its name, or by pages."""
    return method.name.startswith("List") or PAGE in method.output_type.fields_by_name


def _contract_problems(method: MethodDescriptor, *, reads: bool) -> Iterable[str]:
    if method.client_streaming:
        yield "streams of requests are not supported"
    if method.server_streaming and not reads:
        yield "a stream only reads: its contract needs idempotency_level = NO_SIDE_EFFECTS"
    if method.server_streaming and not _holds_items(method.output_type):
        yield f"streams, and {method.output_type.full_name} is not one repeated message and nothing besides"
    request_id = method.input_type.fields_by_name.get(REQUEST_ID)
    fits = request_id is not None and request_id.type == FieldDescriptor.TYPE_STRING and not request_id.is_repeated
    if not reads and not method.server_streaming and not fits:
        yield f"writes (or lacks NO_SIDE_EFFECTS), but {method.input_type.full_name} has no string {REQUEST_ID}"


def _holds_items(answer: Descriptor) -> bool:
    return len(answer.fields) == 1 and answer.fields[0].is_repeated and answer.fields[0].message_type is not None


def _signature(rpc: Rpc[Never, object]) -> tuple[type[Any], type[Any], bool] | str:
    """Classes of request and answer, and whether it streams; or what is wrong with the handler's annotations."""
    handler = rpc.handler
    if not inspect.iscoroutinefunction(handler):
        return f"its handler {handler.__name__} is not a coroutine function"
    try:
        hints = get_type_hints(handler)
    except NameError as fault:
        return f"its handler {handler.__name__} has an annotation that names nothing: {fault}"
    first = next(iter(inspect.signature(handler).parameters), None)
    request, answer = hints.get(first or ""), hints.get("return")
    streams = get_origin(answer) is Follow
    if streams:
        answer = get_args(answer)[0]
    if not isinstance(request, type) or not isinstance(answer, type):
        return f"its handler {handler.__name__} does not name the classes of request and answer"
    return request, answer, streams
