"""Signs of life: a line about what is going on when nothing else was said for half a minute."""

import threading
import time
from collections.abc import Callable

SECONDS_BETWEEN_LINES = 30.0


class Progress:
    """What a training is at. A thread says it, so that it is said while the program waits, compiles or decodes, too."""

    def __init__(
        self,
        tell: Callable[[str], None],
        seconds: float = SECONDS_BETWEEN_LINES,
        clock: Callable[[], float] = time.monotonic,
    ):
        self.tell, self.seconds, self.clock = tell, seconds, clock
        self.over = threading.Event()
        self.said = clock()
        self.begin("starting", 0)

    def say(self, text: str) -> None:
        """Tells a line of its own."""
        self.said = self.clock()
        self.tell(text)

    def begin(self, what: str, total: int, done: int = 0) -> None:
        """From now on it is at `what`: images, `total` of them, of which some may be `done` by an earlier attempt."""
        self.what, self.total, self.done, self.before, self.began = what, total, done, done, self.clock()

    def advance(self, images: int) -> None:
        self.done += images

    def line(self) -> str:
        if self.total == 0:
            return f"{self.what} ..."
        rate = (self.done - self.before) / max(self.clock() - self.began, 1e-9)
        return f"{self.what}: {self.done:,} of {self.total:,} images, {rate:,.0f} images/s"

    def tick(self) -> None:
        """Says where it is, unless something was said a moment ago."""
        if self.clock() - self.said >= self.seconds:
            self.say(self.line())

    def __enter__(self) -> "Progress":
        threading.Thread(target=self._watch, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()

    def _watch(self) -> None:
        while not self.over.wait(self.seconds / 30):
            self.tick()


def print_now(text: str) -> None:
    print(text, flush=True)


def say_nothing(_: str) -> None:
    """Of the processes that train together one speaks."""


SILENT = Progress(say_nothing)
