"""A taken port is one sentence: which, who has it, what to set."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

import pytest

from yingda.launcher.errors import LaunchError
from yingda.launcher.ports import free_port, holder_of, is_free, require_free


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def test_a_free_port_passes() -> None:
    port = free_port()
    assert is_free("127.0.0.1", port)
    require_free("127.0.0.1", port, "YINGDA_PORT")


def test_a_taken_port_is_told_with_holder_and_setting(taken: int) -> None:
    with pytest.raises(LaunchError) as caught:
        require_free("127.0.0.1", taken, "YINGDA_PORT")
    sentence = str(caught.value)
    assert f"Port {taken}" in sentence
    assert f"process {os.getpid()}" in sentence
    assert "YINGDA_PORT=" in sentence
    assert "\n" not in sentence


def test_a_port_taken_on_one_address_is_not_free_on_all(taken: int) -> None:
    with pytest.raises(LaunchError, match=str(taken)):
        require_free("0.0.0.0", taken, "YINGDA_PORT")  # noqa: S104 - never bound


def test_nobody_holds_a_free_port() -> None:
    assert holder_of(free_port()) is None


def test_an_address_of_another_machine_is_told() -> None:
    with pytest.raises(LaunchError, match="YINGDA_HOST"):
        require_free("no.such.host.invalid", 8000, "YINGDA_PORT")


def test_an_address_that_no_card_has_is_not_called_taken() -> None:
    with pytest.raises(LaunchError, match=r"not an address of this machine.*YINGDA_IVR_HOST="):
        require_free("192.0.2.1", 8001, "YINGDA_IVR_PORT")
