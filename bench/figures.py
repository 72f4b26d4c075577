"""What a measurement is: samples in seconds, their percentiles, subjects measured in turn, a figure with its goal."""

import math
import time
from contextlib import contextmanager
from dataclasses import dataclass, field


class Samples(list):
    """Durations in seconds."""

    def percentile(self, share):
        """The smallest sample that at least `share` of all do not exceed (nearest rank)."""
        return sorted(self)[max(0, math.ceil(share * len(self)) - 1)]

    @property
    def p50(self):
        return self.percentile(0.50)

    @property
    def p99(self):
        return self.percentile(0.99)

    @contextmanager
    def timed(self):
        begin = time.perf_counter()
        yield
        self.append(time.perf_counter() - begin)


def alternate(rounds, subjects, warm_up=1):
    """{name: Samples} of `subjects` ({name: function(round)}), measured in turn so that whatever else the machine does
    hits both. Every round begins with the other one. A function that returns a number measured itself, and returned it."""
    samples = {name: Samples() for name in subjects}
    names = list(subjects)
    for number in range(-warm_up, rounds):
        for name in names if number % 2 == 0 else names[::-1]:
            begin = time.perf_counter()
            own = subjects[name](number)
            elapsed = time.perf_counter() - begin
            if number >= 0:
                samples[name].append(elapsed if own is None else own)
    return samples


def timed(work):
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


@dataclass
class Figure:
    """One line of the result. `met` is None for a figure without a goal."""
    what: str
    ours: str
    beside: str = ""
    ratio: str = ""
    goal: str = ""
    met: bool = None
    notes: list = field(default_factory=list)

    def verdict(self):
        return {None: "", True: "met", False: "MISSED"}[self.met]


@dataclass
class Table:
    """Many lines of one kind, where a figure for each would be too much."""
    title: str
    header: list
    rows: list


def milliseconds(seconds):
    return f"{seconds * 1000:.2f} ms"


def ratio(ours, beside):
    return f"{ours / beside:.2f}"


def geometric_mean(values):
    return math.exp(sum(math.log(value) for value in values) / len(values))
