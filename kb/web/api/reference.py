"""``/api``: the OpenAPI document as a page; the usual viewers load their scripts from other servers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from ..server.document import document
from ..server.templating import Markup, render

__all__ = ["add_reference", "reference_html"]

#: A node of an OpenAPI document (https://spec.openapis.org/oas/v3.1.0).
Node = Mapping[str, Any]


#: Parts of a sentence, each with whether it is code.
Prose = tuple[tuple[str, bool], ...]


@dataclass(frozen=True, slots=True)
class Type:
    """What a value may be: a ``plain`` type, one ``value``, a ``shape``, or a ``list`` of types."""

    kind: Literal["plain", "value", "shape", "list"]
    name: str = ""
    of: tuple[Type, ...] = ()


@dataclass(frozen=True, slots=True)
class ParameterRow:
    """A parameter, or a key of a shape."""

    name: str
    types: tuple[Type, ...]
    told: str


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation; ``bodies`` are media types with their content's types."""

    method: str
    path: str
    prose: Prose
    parameters: Sequence[ParameterRow]
    bodies: Sequence[tuple[str, tuple[Type, ...]]]
    answers: tuple[Type, ...]


@dataclass(frozen=True, slots=True)
class ShapeTable:
    """A JSON object with its keys, or another shape without keys."""

    name: str
    prose: Prose
    keys: Sequence[ParameterRow]
    types: Sequence[Type]


def add_reference(app: FastAPI, api: FastAPI) -> None:
    """Add ``/api``, the description of ``api``."""
    body = reference_html(api.openapi())

    @app.get("/api", include_in_schema=False)
    def reference() -> HTMLResponse:
        return document("Interface for programs", body, styles=("library.css",))


def reference_html(described: Node) -> Markup:
    """Return an OpenAPI document as HTML: each operation with its parameters and its answer, then the shapes."""
    operations: dict[str, list[Operation]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            operations.setdefault(operation["tags"][0], []).append(_operation(path, method, operation))
    shapes = [_shape(name, shape) for name, shape in described["components"]["schemas"].items()]
    description = described["info"]["description"]
    return render("api/reference.html", description=description, operations=operations, shapes=shapes)


def _operation(path: str, method: str, operation: Node) -> Operation:
    answers = operation["responses"]
    answer = next(answers[status] for status in answers if status.startswith("2"))
    sent = operation.get("requestBody", {}).get("content", {})
    contents = [
        _types(content["schema"]) if content.get("schema") and kind == "application/json" else (Type("plain", kind),)
        for kind, content in answer.get("content", {}).items()
    ]
    return Operation(
        method.upper(),
        path,
        _prose(operation.get("description", "")),
        [_parameter(each) for each in operation.get("parameters", [])],
        [(kind, _types(content.get("schema", {}))) for kind, content in sent.items()],
        tuple(chain.from_iterable(contents)),
    )


def _parameter(parameter: Node) -> ParameterRow:
    return ParameterRow(parameter["name"], _types(_without_null(parameter["schema"])), _told(parameter))


def _shape(name: str, shape: Node) -> ShapeTable:
    needed = shape.get("required", [])
    keys = [
        ParameterRow(
            key,
            _types(value),
            value.get("description", "") if key in needed else _told({"schema": value, **value}),
        )
        for key, value in shape.get("properties", {}).items()
    ]
    return ShapeTable(name, _prose(shape["description"]) if "description" in shape else (), keys, _types(shape))


def _told(parameter: Node) -> str:
    default = parameter["schema"].get("default")
    needed = "Required." if parameter.get("required") else f"Default: {default}." if default not in (None, "") else ""
    return " ".join(filter(None, (parameter.get("description", ""), needed)))


def _prose(text: str) -> Prose:
    """Return a docstring's sentence in parts; text in double backticks is code."""
    return tuple((part, bool(n % 2)) for n, part in enumerate(text.split("``")))


def _without_null(schema: Node) -> Node:
    """Return a parameter's type without ``null``."""
    some = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    return some[0] if len(some) == 1 else schema


def _types(schema: Node) -> tuple[Type, ...]:
    """Return the types of a value."""
    return tuple(_possible(schema)) or (Type("plain", "anything"),)


def _possible(schema: Node) -> Iterator[Type]:
    if "$ref" in schema:
        yield Type("shape", schema["$ref"].rpartition("/")[2])
    elif "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from _possible(one)
    elif "enum" in schema:
        yield from (Type("value", str(value)) for value in schema["enum"])
    elif schema.get("type") == "array":
        yield Type("list", of=_types(schema.get("items", {})))
    elif "type" in schema:
        yield Type("plain", schema["type"])
