"""Talking to the person at the terminal, and running commands for them.

A LakeError is a message for that person: what went wrong, and what to do. It never shows a traceback.
"""

import os
import shlex
import subprocess
import sys
import threading
import time


class LakeError(Exception):
    """Ends ./lake with status 1 and this text; `hint` is what to type next."""

    def __init__(self, message, hint=""):
        super().__init__(message)
        self.hint = hint


def step(text):
    print(f"==> {text}", flush=True)


def note(text):
    print(f"    {text}", flush=True)


def shown(command):
    return " ".join(shlex.quote(str(word)) for word in command)


def output_of(command, **options):
    """Standard output of a command that must succeed."""
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True, **options)
    if result.returncode != 0:
        raise LakeError(f"{shown(command)} failed: {(result.stderr or result.stdout).strip()[-2000:]}")
    return result.stdout


def succeeds(command, **options):
    try:
        return subprocess.run([str(word) for word in command], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, **options).returncode == 0
    except OSError:
        return False


def run_logged(title, command, log, patience=0.0, **options):
    """Runs a long command. Its output goes to `log`; the terminal sees one living line (or, without a terminal, a line
    every half minute). A failure shows the end of the log and where it is. What succeeds within `patience` seconds is
    not worth a word."""
    log.parent.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    with open(log, "ab") as sink:
        sink.write(f"\n$ {shown(command)}\n".encode())
        sink.flush()
        child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, **options)
        last = [""]

        def copy():
            for line in child.stdout:
                sink.write(line)
                sink.flush()
                if line.strip():
                    last[0] = line.decode(errors="replace").strip()

        reader = threading.Thread(target=copy, daemon=True)
        reader.start()
        reader.join(patience)
        quick = not reader.is_alive() and child.wait() == 0
        if not quick:
            step(title)
        try:
            _watch(reader, begin, last)
        except KeyboardInterrupt:
            child.terminate()
            raise
        status = child.wait()
    seconds = time.monotonic() - begin
    if status != 0:
        tail = log.read_text(errors="replace").splitlines()[-30:]
        print("\n".join(f"    | {line}" for line in tail), file=sys.stderr)
        raise LakeError(f"{title}: failed with status {status}", f"the whole output is in {log}")
    if not quick:
        note(f"done in {seconds:.0f} s")


def _watch(reader, begin, last):
    """Shows the last line of output until the reader is through."""
    living = sys.stdout.isatty()
    said = begin
    while reader.is_alive():
        reader.join(0.2 if living else 1)
        now = time.monotonic()
        if living:
            width = os.get_terminal_size().columns - 1
            print("\r\033[K" + f"    {now - begin:4.0f} s  {last[0]}"[:width], end="", flush=True)
        elif now - said >= 30:
            said = now
            note(f"{now - begin:4.0f} s  {last[0][:100]}")
    if living:
        print("\r\033[K", end="", flush=True)
