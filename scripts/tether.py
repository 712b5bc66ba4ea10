"""Runs a server for as long as standard input is open: tether.py COMMAND ARGUMENT...

When it ends, the command and all that it started are killed, whatever they are doing.
"""

import os
import signal
import subprocess
import sys
import threading

server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)


def wait_for_end_of_input():
    sys.stdin.buffer.read()
    try:
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # it has ended by itself


threading.Thread(target=wait_for_end_of_input, daemon=True).start()
sys.exit(server.wait() != 0)
