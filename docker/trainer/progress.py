"""Signs of life: a line about the current activity if nothing else was printed for half a minute."""

import threading
import time
from collections.abc import Callable

SECONDS_BETWEEN_LINES = 30.0


class Progress:
    """The current activity. A thread reports it, so that it is also reported while the program waits, compiles or
    decodes.
    """

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
        """Prints a separate line."""
        self.said = self.clock()
        self.tell(text)

    def begin(self, what: str, total: int, done: int = 0) -> None:
        """Starts the activity `what` over `total` images, of which an earlier attempt may have `done` some."""
        self.what, self.total, self.done, self.before, self.began = what, total, done, done, self.clock()

    def advance(self, images: int) -> None:
        self.done += images

    def line(self) -> str:
        if self.total == 0:
            return f"{self.what} ..."
        rate = (self.done - self.before) / max(self.clock() - self.began, 1e-9)
        return f"{self.what}: {self.done:,} of {self.total:,} images, {rate:,.0f} images/s"

    def tick(self) -> None:
        """Reports progress, unless something was printed recently."""
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
    """Only one of the processes that train together prints."""


SILENT = Progress(say_nothing)
