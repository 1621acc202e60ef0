"""Which servers are reached through which proxy."""

from __future__ import annotations

import pytest

from karmactl.kube.proxy import proxy_for

PROXY = {"HTTPS_PROXY": "proxy:3128"}


def test_the_kubeconfig_beats_the_environment() -> None:
    assert proxy_for("https://s", "http://own:1", {**PROXY, "NO_PROXY": "*"}) == "http://own:1"
    assert proxy_for("https://s", "", PROXY) == "http://proxy:3128"
    assert proxy_for("https://s", "", {"https_proxy": "https://p"}) == "https://p"
    assert proxy_for("http://s", "", PROXY) == ""
    assert proxy_for("https://s", "", {}) == ""


@pytest.mark.parametrize("server", ["https://localhost:6443", "https://127.0.0.1:6443", "https://[::1]:6443"])
def test_the_machine_itself_is_never_reached_through_a_proxy(server: str) -> None:
    assert proxy_for(server, "", PROXY) == ""


@pytest.mark.parametrize(
    ("no_proxy", "server", "is_direct"),
    [
        ("*", "https://a.example.com", True),
        ("example.com", "https://a.example.com", True),
        ("example.com", "https://example.com", True),
        (".example.com", "https://example.com", False),
        (".example.com", "https://a.example.com", True),
        ("*.example.com", "https://a.example.com", True),
        ("example.com", "https://badexample.com", False),
        ("example.com:6443", "https://example.com:6443", True),
        ("example.com:6443", "https://example.com:443", False),
        ("10.0.0.0/8", "https://10.1.2.3:6443", True),
        ("10.0.0.0/8", "https://11.1.2.3:6443", False),
        ("10.1.2.3", "https://10.1.2.3:6443", True),
        ("a, EXAMPLE.com ,b", "https://example.com", True),
        ("", "https://example.com", False),
    ],
)
def test_exceptions(no_proxy: str, server: str, is_direct: bool) -> None:
    assert (proxy_for(server, "", {**PROXY, "NO_PROXY": no_proxy}) == "") is is_direct
