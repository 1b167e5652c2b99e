"""The two applications, as uvicorn starts them; the settings come from the environment."""

from __future__ import annotations

from starlette.types import ASGIApp

from api.app import create_app
from api.settings import read_settings
from bench.baseline import baseline_app


def portal() -> ASGIApp:
    return create_app(read_settings())


def baseline() -> ASGIApp:
    return baseline_app(read_settings())
