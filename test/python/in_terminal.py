"""Runs a command in a terminal of a given size and prints what it wrote there, as JSON.

Usage: in_terminal.py COLUMNS ROWS MARKER ACTIONS COMMAND ...

Once MARKER was written the comma-separated ACTIONS follow, each when something more was written: `key:<hex>` types
bytes, `signal:<name>` sends a signal to the command, `size:<columns>x<rows>` resizes the terminal, `suspend:` stops the
command as Ctrl-Z does and lets it go on once it has stopped, `close:` closes the terminal, `until:<text>` holds the
next one back until that was written.
"""

import fcntl
import json
import os
import pty
import signal
import struct
import sys
import termios


def resize(terminal: int, columns: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def act(action: str, terminal: int, child: int) -> None:
    kind, _, value = action.partition(":")
    if kind == "key":
        os.write(terminal, bytes.fromhex(value))
    elif kind == "signal":
        os.kill(child, getattr(signal, value))
    elif kind == "suspend":
        os.kill(child, signal.SIGTSTP)
        os.waitpid(child, os.WUNTRACED)
        os.kill(child, signal.SIGCONT)
    elif kind == "size":
        resize(terminal, *map(int, value.split("x")))
    elif kind == "close":
        os.close(terminal)


def main() -> None:
    columns, rows, marker, actions, *command = sys.argv[1:]
    pending = [action for action in actions.split(",") if action]
    child, terminal = pty.fork()
    if child == 0:
        # The size is there before the program looks.
        resize(0, int(columns), int(rows))
        os.execvp(command[0], command)
    written = b""
    seen = False
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # either side has gone
            break
        if not piece:
            break
        written += piece
        seen = seen or marker.encode() in written
        if seen and pending and pending[0].startswith("until:"):
            if pending[0].removeprefix("until:").encode() not in written:
                continue
            pending.pop(0)
        if seen and pending:
            act(pending.pop(0), terminal, child)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(json.dumps({"status": status, "written": written.decode("utf8", "replace")}))


main()
