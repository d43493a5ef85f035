"""A thread that writes files while training continues."""

import threading
from collections.abc import Callable

from interruption import undisturbed


class Writer:
    """Runs jobs in order, one at a time. A newer job replaces a waiting one of the same name; otherwise a disk slower
    than training would fall further and further behind.

    An error in a job is raised by the next call.
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
        """Waits for jobs in progress, however training ends."""
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
        """Waits until everything is written."""
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
