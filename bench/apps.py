"""The two applications, as uvicorn starts them; the settings come from the environment."""

from __future__ import annotations

import asyncio
from collections.abc import MutableSequence
from time import perf_counter

import orjson
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.app import create_app
from api.settings import read_settings
from bench.baseline import baseline_app

SAMPLE_SECONDS = 0.005


def portal() -> ASGIApp:
    return create_app(read_settings())


def measured_portal() -> ASGIApp:
    """The portal, and `/lag`: by how many seconds the loop was late, sample by sample, since it was asked last."""
    inside, lags = portal(), list[float]()
    tasks: list[asyncio.Task[None]] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/lag":
            await inside(scope, receive, send)
            return
        if not tasks:
            tasks.append(asyncio.create_task(_sample(lags)))
        body = orjson.dumps(lags)
        lags.clear()
        await Response(body, media_type="application/json")(scope, receive, send)

    return app


async def _sample(lags: MutableSequence[float]) -> None:
    while True:
        start = perf_counter()
        await asyncio.sleep(SAMPLE_SECONDS)
        lags.append(perf_counter() - start - SAMPLE_SECONDS)


def baseline() -> ASGIApp:
    return baseline_app(read_settings())
