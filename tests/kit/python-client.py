"""Drives the PyPI package `cybereason` as its users do: one JSON request on standard input, one JSON reply on standard output.

The request names the tenant, the user, and the calls to make in one session; the reply has one entry for each call.
"""

import asyncio
import base64
import inspect
import json
import logging
import sys
from datetime import datetime

from cybereason import Cybereason


def argument(value):
    """JSON has no times: `{"time": "2026-01-01T00:00:00"}` stands for one."""
    if isinstance(value, dict) and set(value) == {"time"}:
        return datetime.fromisoformat(value["time"])
    return value


async def result_of(client, step):
    member = getattr(client, step["name"])
    if callable(member):
        args = [argument(value) for value in step.get("args", [])]
        kwargs = {name: argument(value) for name, value in step.get("kwargs", {}).items()}
        member = member(*args, **kwargs)
    if inspect.isasyncgen(member):
        return [item async for item in member]
    while inspect.isawaitable(member):
        member = await member
    return member


async def outcome_of(client, step):
    try:
        return {"result": await result_of(client, step)}
    except Exception as error:
        return {"error": type(error).__name__, "message": str(error)}


async def run(request):
    try:
        async with Cybereason(**request["client"]) as client:
            steps = [await outcome_of(client, step) for step in request["calls"]]
        return {"steps": steps}
    except Exception as error:
        return {"failure": type(error).__name__, "message": str(error)}


def plain(value):
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    return str(value)


logging.disable(logging.CRITICAL)
print(json.dumps(asyncio.run(run(json.load(sys.stdin))), default=plain))
