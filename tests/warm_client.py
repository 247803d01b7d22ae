"""A process that has a program run by `warm_server`, with its own streams, folder and environment, and ends as it does.

Its first argument is the path of the server's socket; the others are those that Python would get.
"""

import json
import os
import signal
import socket
import sys

PASSED_ON = signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1

with socket.socket(socket.AF_UNIX) as server:
    server.connect(sys.argv[1])
    asked = json.dumps({"words": sys.argv[2:], "folder": os.getcwd(), "variables": dict(os.environ)}).encode()  # noqa: PTH109 - pathlib would take longer than all this
    socket.send_fds(server, [len(asked).to_bytes(4, "big")], [0, 1, 2])
    server.sendall(asked)
    for number in PASSED_ON:
        signal.signal(number, lambda sent, _: server.send(bytes([sent])))
    code = int.from_bytes(server.recv(4), "big", signed=True)

if code < 0:
    if -code in PASSED_ON:
        signal.signal(-code, signal.SIG_DFL)
    os.kill(os.getpid(), -code)
os._exit(code)
