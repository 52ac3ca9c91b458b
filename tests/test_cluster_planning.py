"""How many workers a cluster is good for, and what each has."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ingest.cluster.planning import Machine, Plan, plan


@given(machines=st.lists(st.builds(Machine, st.integers(1, 256), st.integers(0, 8)), min_size=1, max_size=20))
def test_by_default_there_is_room_for_all_workers(machines: list[Machine]) -> None:
    found = plan(machines)
    gpus = sum(machine.gpus for machine in machines)
    if gpus:
        assert found == Plan(gpus, 1, 1)
    else:
        assert 1 <= found.cpus <= 4
        assert found.workers == sum(machine.cpus // found.cpus for machine in machines) >= 1
    assert plan(machines, use_gpus=False).gpus == 0


@given(
    machines=st.lists(st.builds(Machine, st.integers(1, 256), st.integers(0, 8)), min_size=1),
    wanted=st.integers(1, 256),
)
def test_what_is_wanted_is_planned(machines: list[Machine], wanted: int) -> None:
    found = plan(machines, wanted)
    assert found.workers == wanted
    assert any(machine.cpus >= found.cpus and machine.gpus >= found.gpus for machine in machines)


def test_two_workers_share_a_small_machine() -> None:
    assert plan([Machine(2)], 2) == Plan(2, 1, 0)
    assert plan([Machine(2)]) == Plan(1, 2, 0)
    assert plan([Machine(64), Machine(6)]) == Plan(17, 4, 0)
