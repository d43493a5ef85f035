"""Files written by a thread, so that the training goes on meanwhile."""

import threading
from collections.abc import Callable

from interruption import undisturbed


class Writer:
    """Runs jobs in their order, one at a time. One that still waits gives way to a newer one of its name: were the disk
    slower than the training, it would fall ever further behind.

    What goes wrong in a job comes out at the next call here.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.waiting: dict[str, Callable[[], object]] = {}
        self.busy = False
        self.over = False
        self.error: BaseException | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Writer":
        self.thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Waits for what is under way, however the training ends."""
        with undisturbed():
            try:
                self.finish()
            except BaseException:
                if kind is None:
                    raise
            finally:
                with self.changed:
                    self.over = True
                    self.changed.notify_all()
                self.thread.join()

    def submit(self, name: str, job: Callable[[], object]) -> None:
        with self.changed:
            self._complain()
            self.waiting.pop(name, None)
            self.waiting[name] = job
            self.changed.notify_all()

    def finish(self) -> None:
        """Waits until all is written."""
        with self.changed:
            self.changed.wait_for(lambda: self.error is not None or not (self.waiting or self.busy))
            self._complain()

    def _complain(self) -> None:
        error, self.error = self.error, None
        if error is not None:
            raise error

    def _run(self) -> None:
        while True:
            with self.changed:
                self.busy = False
                self.changed.notify_all()
                self.changed.wait_for(lambda: self.over or self.waiting)
                if not self.waiting:
                    return
                job = self.waiting.pop(next(iter(self.waiting)))
                self.busy = True
            try:
                job()
            except BaseException as error:
                with self.changed:
                    self.error = error
                    self.waiting.clear()
