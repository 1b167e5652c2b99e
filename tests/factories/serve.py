"""Serves the portal of the environment's settings on an open socket: `python -m tests.factories.serve FD`."""

import socket
import sys
from functools import partial

import uvicorn

from api.app import create_app
from api.settings import read_settings
from cli.demo_data.invitations import keep_invitation


def main(descriptor: int) -> None:
    settings = read_settings()
    app = create_app(settings, hand_over=partial(keep_invitation, settings.data))
    config = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="warning")
    uvicorn.Server(config).run(sockets=[socket.socket(fileno=descriptor)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
