"""Logs: one JSON line an event on standard error, tracebacks without the values of variables."""

import logging
import sys

import structlog


def configure_logs(*, pretty: bool) -> None:
    """Sets structlog up; `pretty` is for a person at a terminal. Local variables, and so secrets, never show."""
    readable = [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    json_lines = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(readable if pretty else json_lines),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
