"""Lines that functions print in worker processes say which operator printed them."""

import io
import os
import sys
from pathlib import Path

from flott.deploy.worker_output import NamingStream, pass_on, printing_operator
from tests.deploy.programs import run_program

PROGRAM = """
import sys
from flott.datastream import StreamExecutionEnvironment


def talk(value):
    print("plain", value)
    return value

def complain(value):
    print("odd", file=sys.stderr)
    return value

env = StreamExecutionEnvironment.get_execution_environment()
env.set_parallelism(2)
numbers = env.from_collection([7]).map(str).map(talk).name("talk").map(complain).name("complain")
numbers.key_by(lambda v: v).reduce(max).name("max").print()
env.execute("talking")
"""


def test_lines_of_fused_functions_name_the_operator(tmp_path: Path) -> None:
    done = run_program(tmp_path, PROGRAM)
    assert done.returncode == 0, done.stderr
    lines = sorted(done.stdout.splitlines())
    assert lines[0].endswith("> 7")
    assert lines[1] in ("[talk (1/2)] plain 7", "[talk (2/2)] plain 7")
    assert done.stderr.strip() in ("[complain (1/2)] odd", "[complain (2/2)] odd")


def test_outside_of_operators_nothing_is_put_before_a_line() -> None:
    stream = io.StringIO()
    NamingStream(stream).write("a\nb\n")
    assert stream.getvalue() == "a\nb\n"
    assert printing_operator(sys._getframe()) == ""


def test_lines_leave_whole() -> None:
    stream = io.StringIO()
    naming = NamingStream(stream)
    naming.write("a")
    assert stream.getvalue() == ""
    naming.write("b\nc")
    assert stream.getvalue() == "ab\n"
    naming.finish()
    assert stream.getvalue() == "ab\nc"


def test_lines_of_a_pipe_are_passed_on(capsys) -> None:  # type: ignore[no-untyped-def]
    reading, writing = os.pipe()
    with open(writing, "wb") as pipe:
        pipe.write(b"one\ntwo\xff\n")
    pass_on(os.fdopen(reading, "rb"), "stdout").join()
    assert capsys.readouterr().out == "one\ntwo\ufffd\n"
