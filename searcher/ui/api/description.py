"""The description of the named endpoints in OpenAPI 3.1, in place of Gradio's.

Gradio's is an OpenAPI 3.0 with types that 3.0 does not have, describes files as texts, and says
neither which values are required nor how calls fail.
"""

from typing import Any

import gradio as gr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

import searcher

PATH = "/gradio_api/openapi.json"
FILE = {"$ref": "#/components/schemas/FileData"}
REFUSAL = {"$ref": "#/components/schemas/Refusal"}
UPLOAD = {
    "type": "object",
    "properties": {
        "files": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}}
    },
    "required": ["files"],
}
SCHEMAS: dict[str, Any] = {
    "FileData": {
        "type": "object",
        "description": "An uploaded file, by the path that /gradio_api/upload has answered with.",
        "properties": {
            "path": {"type": "string"},
            "orig_name": {"type": ["string", "null"]},
            "meta": {
                "type": "object",
                "properties": {"_type": {"const": "gradio.FileData"}},
                "required": ["_type"],
            },
        },
        "required": ["path", "meta"],
    },
    "Refusal": {
        "description": "Why a call failed: a sentence in the language of Accept-Language, and its "
        "code, which does not change.",
        "oneOf": [
            {
                "type": "object",
                "properties": {"detail": {"type": "string"}, "code": {"type": "string"}},
                "required": ["detail", "code"],
            },
            {
                "type": "object",
                "properties": {
                    "error": {"type": "string"},
                    "title": {"type": "string", "description": "The code."},
                },
                "required": ["error", "title"],
            },
        ],
    },
}
Info = dict[str, Any]


def add_route(page: gr.Blocks) -> None:
    """Serve the description at the address of Gradio's, once the page is launched."""
    made: list[Info] = []

    async def answer(request: Request) -> Response:
        if not made:
            made.append(describe(page))
        return JSONResponse(made[0])

    page.app.router.routes.insert(0, Route(PATH, answer))


def describe(page: gr.Blocks) -> Info:
    """Return the OpenAPI document of a page's public endpoints."""
    direct = {fn.api_name for fn in page.fns.values() if fn.fn and not fn.queue}
    paths: Info = {"/gradio_api/upload": {"post": _upload()}}
    for address, endpoint in page.get_api_info()["named_endpoints"].items():
        name = address.removeprefix("/")
        info: Info = dict(endpoint)
        paths[f"/gradio_api/call/v2/{name}"] = {"post": _call(name, info)}
        paths[f"/gradio_api/call/{name}/{{event_id}}"] = {"get": _answer(name)}
        if name in direct:
            paths[f"/gradio_api/run/{name}"] = {"post": _direct_call(name, info)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Twinlens", "version": searcher.__version__},
        "servers": [{"url": ".."}],  # the page's address, also under the path of a proxy
        "paths": paths,
        "components": {"schemas": SCHEMAS},
    }


def _call(name: str, info: Info) -> Info:
    parameters = info["parameters"]
    values = {
        "type": "object",
        "properties": {p["parameter_name"]: _type(p) for p in parameters},
        "required": [p["parameter_name"] for p in parameters if not p["parameter_has_default"]],
        "additionalProperties": False,
    }
    event = {"type": "object", "properties": {"event_id": {"type": "string"}}}
    return {
        "operationId": name,
        "summary": info["description"].split(". ")[0].rstrip("."),
        "description": f"{info['description']} The answer comes from the address below /call/.",
        "requestBody": _body("application/json", values),
        "responses": _responses("application/json", event | {"required": ["event_id"]}),
    }


def _answer(name: str) -> Info:
    event = {"type": "string", "maxLength": 100}
    return {
        "operationId": f"{name}_get",
        "summary": f"The answer of a call of {name}",
        "description": "Events; the data of the last one is a list of one document (event: "
        "complete), or a Refusal with the fields error and title (event: error).",
        "parameters": [{"name": "event_id", "in": "path", "required": True, "schema": event}],
        "responses": _responses("text/event-stream", {"type": "string"}),
    }


def _direct_call(name: str, info: Info) -> Info:
    parameters = info["parameters"]
    data: Info = {
        "type": "array",
        "minItems": sum(not p["parameter_has_default"] for p in parameters),
        "maxItems": len(parameters),
    }
    if parameters:
        data |= {"prefixItems": [_type(p) for p in parameters]}
    answer = {"type": "array", "items": info["returns"][0]["type"], "minItems": 1, "maxItems": 1}
    return {
        "operationId": f"{name}_run",
        "summary": f"The same as {name}, in one request",
        "description": info["description"],
        "requestBody": _body("application/json", _object(data=data)),
        "responses": _responses("application/json", _object(data=answer)),
    }


def _upload() -> Info:
    paths = {"type": "array", "items": {"type": "string"}}
    answers = _responses("application/json", paths)
    answers["4XX"]["content"]["text/plain"] = {"schema": {"type": "string"}}
    return {
        "operationId": "upload_file_upload_post",
        "summary": "Upload files",
        "description": "Returns their paths, which calls name in FileData.",
        "requestBody": _body("multipart/form-data", UPLOAD),
        "responses": answers,
    }


def _type(parameter: Info) -> Info:
    """Return the schema of a parameter, which may be null where that is its default."""
    schema: Info = _with_files(parameter["type"])
    optional = parameter["parameter_has_default"] and parameter["parameter_default"] is None
    if optional and {"type": "null"} not in schema.get("oneOf", []):
        schema = {"oneOf": [{"type": "null"}, schema]}
    if parameter["parameter_has_default"]:
        schema = schema | {"default": parameter["parameter_default"]}
    return schema


def _with_files(schema: Any) -> Any:
    """Replace Gradio's schema of a file, which requires fields that no caller needs to send."""
    if isinstance(schema, list):
        return [_with_files(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if {"path", "meta"} <= schema.get("properties", {}).keys():
        return FILE
    return {key: _with_files(value) for key, value in schema.items()}


def _object(**properties: Info) -> Info:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _body(kind: str, schema: Info) -> Info:
    return {"required": True, "content": {kind: {"schema": schema}}}


def _responses(kind: str, schema: Info) -> Info:
    refused = {"content": {"application/json": {"schema": REFUSAL}}}
    return {
        "200": {"description": "Done", "content": {kind: {"schema": schema}}},
        "4XX": {"description": "The call can't be answered"} | refused,
        "503": {"description": "Too many calls wait"} | refused,
    }
