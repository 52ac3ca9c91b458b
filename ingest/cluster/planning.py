"""How many recordings a cluster transcribes at once, and the CPUs and GPUs for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Machine", "Plan", "plan"]

#: CPUs that one Whisper uses well; more CPUs are better used for a second recording.
_CPUS_EACH = 4


@dataclass(frozen=True, slots=True)
class Machine:
    """What a machine of the cluster offers."""

    cpus: int
    gpus: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """How many workers, and the CPUs and GPUs of each."""

    workers: int
    cpus: int
    gpus: int


def plan(machines: Sequence[Machine], wanted: int | None = None, use_gpus: bool = True) -> Plan:
    """Return one worker per GPU or, without GPUs, one per four CPUs of a machine; ``wanted`` workers if given.

    More workers than there is room for wait until there is: a cluster may grow, or its other users finish.
    """
    gpus = sum(machine.gpus for machine in machines)
    if use_gpus and gpus:
        return Plan(wanted or gpus, 1, 1)
    largest = max((machine.cpus for machine in machines), default=1)
    share = _CPUS_EACH if wanted is None else sum(machine.cpus for machine in machines) // wanted
    share = max(1, min(share, _CPUS_EACH, largest))
    return Plan(wanted or max(1, sum(machine.cpus // share for machine in machines)), share, 0)
