"""Drives the PyPI package `cortex-xdr-client` as its users do: one JSON request on standard input, one JSON reply on standard output.

The request names the tenant, the key, and the calls to make; the reply has one entry for each call.
"""

import base64
import json
import sys
from enum import Enum

import cortex_xdr_client.api.models.endpoints as words
from cortex_xdr_client.api.authentication import Authentication, AuthenticationType
from cortex_xdr_client.api.version import APIVersion
from cortex_xdr_client.client import CortexXDRClient
from pydantic import BaseModel


def argument(value):
    """JSON has no enumerations: `{"enum": ["EndpointStatus", "connected"]}` stands for one."""
    if isinstance(value, dict) and set(value) == {"enum"}:
        kind, name = value["enum"]
        return getattr(words, kind)[name]
    if isinstance(value, list):
        return [argument(each) for each in value]
    return value


def outcome_of(client, call):
    try:
        member = getattr(getattr(client, call["api"]), call["name"])
        args = [argument(value) for value in call.get("args", [])]
        kwargs = {name: argument(value) for name, value in call.get("kwargs", {}).items()}
        return {"result": member(*args, **kwargs)}
    except Exception as error:
        response = getattr(error, "response", None)
        status = getattr(response, "status_code", None)
        text = getattr(response, "text", None)
        return {"error": type(error).__name__, "message": str(error), "status": status, "text": text}


def plain(value):
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    return str(value)


request = json.load(sys.stdin)
kind = AuthenticationType.ADVANCED if request["advanced"] else AuthenticationType.STANDARD
auth = Authentication(api_key=request["key"], api_key_id=request["id"], auth_type=kind)
client = CortexXDRClient(auth, request["fqdn"], api_version=APIVersion(request["version"]))
print(json.dumps([outcome_of(client, call) for call in request["calls"]], default=plain))
