from flott.deploy.progress import PUBLIC_STATUS
from flott.runtime.coordinator.status import TERMINAL, TRANSITIONS, JobPhase


def reachable(start: JobPhase) -> set[JobPhase]:
    found, waiting = {start}, [start]
    while waiting:
        for phase in TRANSITIONS[waiting.pop()] - found:
            found.add(phase)
            waiting.append(phase)
    return found


def test_every_phase_has_its_transitions_and_a_public_status() -> None:
    assert set(TRANSITIONS) == set(JobPhase) == set(PUBLIC_STATUS)


def test_every_phase_can_be_reached() -> None:
    assert reachable(JobPhase.CREATED) == set(JobPhase)


def test_every_phase_leads_to_an_end() -> None:
    assert all(reachable(phase) & TERMINAL for phase in JobPhase)


def test_nothing_follows_an_end() -> None:
    assert all(not TRANSITIONS[phase] for phase in TERMINAL)


def test_every_running_job_can_be_cancelled() -> None:
    for phase in set(JobPhase) - TERMINAL:
        assert JobPhase.CANCELED in reachable(phase)


def test_a_restart_goes_through_deployment() -> None:
    assert JobPhase.RUNNING not in TRANSITIONS[JobPhase.RESTARTING]
