"""Blocking calls run beside the loop and report in it."""

from __future__ import annotations

import threading

from flott.io.thread_calls import ThreadCalls


def test_a_result_waits_until_it_is_delivered() -> None:
    woken = threading.Event()
    calls = ThreadCalls(woken.set)
    found: list[object] = []
    assert not calls.has_results
    calls.submit(lambda: 7, found.append)
    assert woken.wait(60)
    assert calls.has_results
    assert not found
    assert calls.deliver()
    assert found == [7]
    assert not calls.has_results
    calls.close()


def test_an_error_is_a_result() -> None:
    woken = threading.Event()
    calls = ThreadCalls(woken.set)
    found: list[object] = []
    calls.submit(lambda: 1 // 0, found.append)
    assert woken.wait(60)
    calls.deliver()
    assert isinstance(found[0], ZeroDivisionError)
    calls.close()
