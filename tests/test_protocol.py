"""Every message survives the wire; every other line is refused by name."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.protocol import (
    Cancel,
    Done,
    Failed,
    Hello,
    Message,
    Progress,
    ProtocolError,
    Solve,
    Stopped,
    decode,
    encode,
)  # fmt: skip

MESSAGES: list[Message] = [
    Progress("j", 3, "Poses", 0.5, None),
    Done("j", 4, "C:\\jobs\\ä b"),
    Failed("j", 5, "What\nhappened", "remedy", "trace"),
    Stopped("j", 6),
    Solve("j", "/tmp/ünïcode"),
    Cancel("j"),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_messages_survive_the_wire(message: Message) -> None:
    line = encode(message)
    assert "\n" not in line
    assert decode(line) == message


def test_hello_carries_the_protocol_version() -> None:
    hello = decode(encode(Hello("1.0", ("cpu",))))
    assert isinstance(hello, Hello)
    assert hello.version == 1


def test_fields_of_a_newer_solver_are_ignored() -> None:
    assert decode('{"type": "Cancel", "job_id": "j", "why": "new"}') == Cancel("j")


@given(st.text())
def test_garbage_is_refused_and_never_crashes(line: str) -> None:
    with pytest.raises(ProtocolError):
        decode(line)


def test_blender_can_import_the_protocol_without_torch() -> None:
    code = (
        "import sys, solver.protocol, solver.errors, solver.vocabulary;"
        "assert 'torch' not in sys.modules, 'torch came along'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
