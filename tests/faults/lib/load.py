"""Many clients at once, in a process of its own so that the one that measures is not slowed by them."""

import multiprocessing
import os
import signal
import threading
import time

_fork = multiprocessing.get_context("fork")


class Sample:
    """One request: when it began (monotonic), how long it took, its status (0: no answer), and what the client says of it."""

    __slots__ = ("began", "seconds", "status", "what")

    def __init__(self, began, seconds, status, what):
        self.began, self.seconds, self.status, self.what = began, seconds, status, what


class Samples(list):
    def statuses(self):
        counts = {}
        for sample in self:
            counts[sample.status] = counts.get(sample.status, 0) + 1
        return counts

    def of(self, *statuses):
        return Samples(sample for sample in self if sample.status in statuses)

    def count(self, *statuses):
        return len(self.of(*statuses))

    def named(self, what):
        return Samples(sample for sample in self if sample.what == what)

    def between(self, start, end):
        return Samples(sample for sample in self if start <= sample.began < end)

    def slowest(self):
        return max((sample.seconds for sample in self), default=0.0)

    def percentile(self, percent):
        ordered = sorted(sample.seconds for sample in self)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0

    def median_ms(self):
        return self.percentile(50) * 1_000


class Load:
    """Runs each of `clients`, a function without arguments that sends one request and answers `(status, what)`, again and again in
    a thread of its own. A failed connection counts as status 0."""

    def __init__(self, clients, pause=0.0, nice=0):
        self.clients = clients
        self.pause = pause
        self.nice = nice

    def start(self):
        self._ours, theirs = _fork.Pipe()
        self._process = _fork.Process(target=self._run, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        return self

    def stop(self, wait=60.0):
        """Lets requests in flight finish, and answers all samples."""
        self._ours.send("stop")
        samples = self._ours.recv() if self._ours.poll(wait) else []
        self._process.join(1)
        if self._process.is_alive():
            self._process.kill()
        return Samples(Sample(*one) for one in samples)

    def during(self, seconds):
        self.start()
        time.sleep(seconds)
        return self.stop()

    def _run(self, pipe):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        os.nice(self.nice)
        samples, told = [], threading.Event()

        def one(client):
            while not told.is_set():
                began = time.monotonic()
                try:
                    status, what = client()
                except Exception as error:  # whatever broke, it is a request without an answer
                    status, what = 0, type(error).__name__
                samples.append((began, time.monotonic() - began, status, what))
                if status == 0:
                    told.wait(0.01)
                if self.pause:
                    told.wait(self.pause)

        threads = [threading.Thread(target=one, args=(client,), daemon=True) for client in self.clients]
        for thread in threads:
            thread.start()
        pipe.recv()
        told.set()
        deadline = time.monotonic() + 50
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        pipe.send(list(samples))
        pipe.close()


def reader(client, path, what="page"):
    """Asks for the same page again and again."""
    return lambda: (client.get(path).status, what)


def wait_until(condition, seconds, step=0.02):
    """How long it took until `condition` held; None where it did not within `seconds`."""
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        if condition():
            return time.monotonic() - began
        time.sleep(step)
    return None
