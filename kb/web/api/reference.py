"""``/api``: the interface's OpenAPI document as a page, for the usual ones load their scripts from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from ..ask.cards import escape
from ..server.document import document

__all__ = ["add_reference", "reference_html"]

#: A node of an OpenAPI document (https://spec.openapis.org/oas/v3.1.0).
Node = Mapping[str, Any]


def add_reference(app: FastAPI, api: FastAPI) -> None:
    """Add ``/api``, the description of ``api``."""
    body = reference_html(api.openapi())

    @app.get("/api", include_in_schema=False)
    def reference() -> HTMLResponse:
        head = '<link rel="stylesheet" href="/vb/library.css">'
        return document("Interface for programs", body, head=head)


def reference_html(described: Node) -> str:
    """Return an OpenAPI document as HTML: each operation with its parameters and its answer, then the shapes."""
    operations: dict[str, list[str]] = {}
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            operations.setdefault(operation["tags"][0], []).append(_operation(path, method, operation))
    shapes = described["components"]["schemas"]
    return (
        '<div class="vb-head"><h1>Interface for programs</h1>'
        f"<p>{escape(described['info']['description'])}</p></div>"
        '<p>For programs, this page is an <a class="vb-inline" href="/api/openapi.json">OpenAPI document</a>.</p>'
        + "".join(f"<h2>{escape(tag)}</h2>{''.join(found)}" for tag, found in operations.items())
        + "<h2>Shapes</h2>"
        + "".join(_shape(name, shape) for name, shape in shapes.items())
    )


def _operation(path: str, method: str, operation: Node) -> str:
    answers = operation["responses"]
    answer = next(answers[status] for status in answers if status.startswith("2"))
    sent = operation.get("requestBody", {}).get("content", {})
    body = "".join(f"<p>Body: {escape(kind)} {_type(content.get('schema', {}))}</p>" for kind, content in sent.items())
    contents = " or ".join(
        _type(content["schema"]) if content.get("schema") and kind == "application/json" else escape(kind)
        for kind, content in answer.get("content", {}).items()
    )
    return (
        f'<section class="vb-call"><h3><code>{method.upper()} /api{escape(path)}</code></h3>'
        f"<p>{_prose(operation.get('description', ''))}</p>"
        f"{_parameters(operation.get('parameters', []))}{body}<p>Answer: {contents}</p></section>"
    )


def _parameters(parameters: list[Node]) -> str:
    rows = "".join(
        f'<tr><th scope="row"><code>{escape(each["name"])}</code></th><td>{_type(_without_null(each["schema"]))}</td>'
        f"<td>{escape(_told(each))}</td></tr>"
        for each in parameters
    )
    return _table("Parameter", rows) if rows else ""


def _shape(name: str, shape: Node) -> str:
    needed = shape.get("required", [])
    rows = "".join(
        f'<tr><th scope="row"><code>{escape(key)}</code></th><td>{_type(value)}</td>'
        f"<td>{escape(value.get('description', '') if key in needed else _told({'schema': value, **value}))}</td></tr>"
        for key, value in shape.get("properties", {}).items()
    )
    about = f"<p>{_prose(shape['description'])}</p>" if "description" in shape else ""
    table = _table("Key", rows) if rows else f"<p>{_type(shape)}</p>"
    return f'<section class="vb-call" id="{escape(name)}"><h3>{escape(name)}</h3>{about}{table}</section>'


def _table(first: str, rows: str) -> str:
    return (
        f'<div class="vb-wide" tabindex="0" role="region" aria-label="Table"><table class="vb-table"><thead><tr>'
        f'<th scope="col">{first}</th><th scope="col">Type</th><th scope="col">Meaning</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _told(parameter: Node) -> str:
    default = parameter["schema"].get("default")
    needed = "Required." if parameter.get("required") else f"Default: {default}." if default not in (None, "") else ""
    return " ".join(filter(None, (parameter.get("description", ""), needed)))


def _prose(text: str) -> str:
    """Return a docstring's sentence, with what it sets in double backticks as code."""
    return "".join(f"<code>{escape(part)}</code>" if n % 2 else escape(part) for n, part in enumerate(text.split("``")))


def _without_null(schema: Node) -> Node:
    """Return what a parameter may be if it is given at all."""
    some = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    return some[0] if len(some) == 1 else schema


def _type(schema: Node) -> str:
    return " or ".join(_types(schema)) or "anything"


def _types(schema: Node) -> Iterator[str]:
    """Yield what a value may be, shapes as links to them."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        yield f'<a class="vb-inline" href="#{name}">{name}</a>'
    elif "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from _types(one)
    elif "enum" in schema:
        yield " or ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    elif schema.get("type") == "array":
        yield f"list of {_type(schema.get('items', {}))}"
    elif "type" in schema:
        yield escape(schema["type"])
