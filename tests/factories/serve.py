"""Serves the portal of the environment's settings on an open socket: `python -m tests.factories.serve FD`."""

import socket
import sys

import uvicorn

from api.app import create_app
from api.settings import read_settings


def main(descriptor: int) -> None:
    app = create_app(read_settings())
    config = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
