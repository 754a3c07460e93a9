"""A queue in memory instead of Redis: it can be flushed, be gone for an hour, or lose the worker that holds a job."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from jobs.queues import QUEUE_NAMES
from messaging.domain.watching import SignsOfLife


@dataclass(frozen=True)
class ToyJob:
    queue: str
    name: str
    function: Callable[..., Any]
    args: tuple[Any, ...]


@dataclass
class ToyQueue:
    """What `jobs.queues.Waker` wants. Jobs run in the test's own process, the most urgent queue first."""

    jobs: list[ToyJob] = field(default_factory=list)
    running: list[ToyJob] = field(default_factory=list)
    is_there: bool = True

    def put(self, queue: str, function: Callable[..., Any], *args: Any, name: str | None = None) -> bool:
        if self.is_there:
            self.jobs.append(ToyJob(queue, name or secrets.token_hex(6), function, args))
        return self.is_there

    def live_names(self, queue: str) -> set[str] | None:
        return {job.name for job in (*self.jobs, *self.running) if job.queue == queue} if self.is_there else None

    def waiting_names(self, queue: str) -> set[str] | None:
        return {job.name for job in self.jobs if job.queue == queue} if self.is_there else None

    def signs_of_life(self) -> SignsOfLife:
        return SignsOfLife(self.is_there, 1 if self.is_there else 0, {})

    def flush(self) -> None:
        self.jobs.clear()
        self.running.clear()

    def next_job(self) -> ToyJob | None:
        """Taken by a worker: no longer waiting, but running."""
        for queue in QUEUE_NAMES:
            for job in self.jobs:
                if job.queue == queue:
                    self.jobs.remove(job)
                    self.running.append(job)
                    return job
        return None

    def work(self, most: int = 1_000) -> list[ToyJob]:
        """A worker that works until nothing waits, or for `most` jobs; returns them in their order."""
        done = []
        while len(done) < most and (job := self.next_job()):
            job.function(*job.args)
            self.running.remove(job)
            done.append(job)
        return done
