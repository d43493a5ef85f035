"""Trainings in processes of their own that start in a moment: forked from one that has imported torch."""

import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess

import train

PRELOADED = ["torch", "attempts", "training"]


def start(environ: Mapping[str, str]) -> ForkServerProcess:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    process = context.Process(target=attempt, args=(dict(environ),), daemon=True)
    process.start()
    return process


def attempt(environ: Mapping[str, str]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    output = os.open(environ["LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(output, stream)
    sys.exit(train.main(environ, []))
