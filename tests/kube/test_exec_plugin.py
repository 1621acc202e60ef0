"""Exec credential plug-ins: what they are told, what is taken from them, and what is said when they fail."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import pytest

from karmactl.errors import Unauthorized
from karmactl.kube.connection import Connection, ExecConfig, User
from karmactl.kube.credentials import Credential, Credentials, PluginRuns
from karmactl.kube.exec_plugin import run_plugin
from tests.kube.fault_server import FakeClock

V1 = "client.authentication.k8s.io/v1"


def printing(status: str, *, api_version: str = V1) -> str:
    """Python code that prints an ExecCredential; `status` is a Python expression."""
    return (
        f"import json,os; print(json.dumps(dict(apiVersion={api_version!r}, kind='ExecCredential', status={status})))"
    )


def plugin(code: str, **options: object) -> ExecConfig:
    """A plug-in that runs Python code."""
    return ExecConfig(command=sys.executable, api_version=V1, args=("-c", code), **options)  # type: ignore[arg-type]


def gives(status: str, **options: object) -> ExecConfig:
    """A plug-in that gives a status (a Python expression)."""
    return plugin(printing(status), **options)


def connection(config: ExecConfig) -> Connection:
    """A connection whose user has the plug-in."""
    return Connection(context="ctx", server="https://s:6443", ca=b"PEM", tls_server_name="n", user=User(exec=config))


def fault(config: ExecConfig, *, timeout: float = 30.0) -> Unauthorized:
    """The error that a plug-in gives."""
    with pytest.raises(Unauthorized) as caught:
        asyncio.run(run_plugin(connection(config), config, cluster="eu-1", terminal=None, timeout=timeout))
    assert caught.value.cluster == "eu-1"
    return caught.value


def test_a_token_with_its_end() -> None:
    config = gives('{"token": "t", "expirationTimestamp": "2026-01-01T00:00:00Z"}')
    made = asyncio.run(run_plugin(connection(config), config, cluster="eu-1", terminal=None))
    assert made.token == "t"
    assert made.expires is not None
    assert made.expires.isoformat() == "2026-01-01T00:00:00+00:00"


def test_a_client_certificate() -> None:
    config = gives('{"clientCertificateData": "C", "clientKeyData": "K"}')
    made = asyncio.run(run_plugin(connection(config), config, cluster="eu-1", terminal=None))
    assert (made.client_certificate, made.client_key) == (b"C", b"K")


def test_what_a_plugin_is_told(tmp_path: Path) -> None:
    file = tmp_path / "told"
    code = (
        "import os,sys; open(os.environ['FILE'],'w').write(os.environ['KUBERNETES_EXEC_INFO']); "
        "assert sys.stdin.read() == ''; "
    )
    config = plugin(
        code + printing("{'token': 't'}"),
        env=(("FILE", str(file)),),
        provides_cluster_info=True,
        cluster_config={"audience": "a"},
    )
    asyncio.run(run_plugin(connection(config), config, cluster="eu-1", terminal=None))
    assert json.loads(file.read_text()) == {
        "apiVersion": V1,
        "kind": "ExecCredential",
        "spec": {
            "interactive": False,
            "cluster": {
                "server": "https://s:6443",
                "tls-server-name": "n",
                "certificate-authority-data": "UEVN",
                "config": {"audience": "a"},
            },
        },
    }


def test_a_plugin_that_must_ask_is_not_run_without_a_terminal(tmp_path: Path) -> None:
    config = plugin(f"open({str(tmp_path / 'ran')!r}, 'w')", interactive_mode="Always")
    error = fault(config)
    assert error.code == "credentials-need-terminal"
    assert "'ctx'" in error.hint
    assert not (tmp_path / "ran").exists()


def test_at_a_terminal_a_plugin_may_ask_and_is_heard(capsys: pytest.CaptureFixture[str]) -> None:
    code = "import json,os,sys; i=json.loads(os.environ['KUBERNETES_EXEC_INFO'])['spec']['interactive']; "
    code += "print('open http://login', file=sys.stderr); sys.exit(7 if i else 8)"
    config = plugin(code)

    async def go() -> None:
        await run_plugin(connection(config), config, cluster="eu-1", terminal=asyncio.Lock())

    with pytest.raises(Unauthorized, match="status 7"):
        asyncio.run(go())
    assert "open http://login" in capsys.readouterr().err


def test_the_words_of_a_plugin_that_fails_are_quoted() -> None:
    error = fault(plugin("import sys; sys.stderr.write('\\x1b[1msession\\nexpired'); print('tok'); sys.exit(3)"))
    assert (error.code, error.why) == ("credentials-plugin-failed", "it said: [1msession expired")
    assert "status 3" in error.message
    assert "tok" not in f"{error.message} {error.why}"


def test_a_plugin_that_is_not_there() -> None:
    error = fault(ExecConfig(command="no-such-plugin", api_version=V1, install_hint="get it at example.com"))
    assert (error.code, error.hint) == ("credentials-plugin-missing", "get it at example.com")
    assert "no-such-plugin" in error.message


def test_a_plugin_that_hangs_is_ended() -> None:
    error = fault(plugin("import time; time.sleep(600)"), timeout=0.2)
    assert error.code == "credentials-plugin-failed"
    assert "0.2 s" in error.message


def test_a_plugin_is_ended_with_its_children_when_the_run_is() -> None:
    inner = "import time; time.sleep(600)"  # holds the plug-in's stdout, which the run reads to its end
    config = plugin(f"import subprocess,sys; subprocess.run([sys.executable, '-c', {inner!r}])")

    async def go(after: float) -> None:
        task = asyncio.create_task(run_plugin(connection(config), config, cluster="eu-1", terminal=None))
        await asyncio.sleep(after)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    started = time.monotonic()
    for after in (0, 0.001, 0.3):
        asyncio.run(go(after))  # waits for threads that are left
    assert time.monotonic() - started < 10


def test_one_failed_plugin_for_several_clusters_fails_all_of_them() -> None:
    config = plugin("raise SystemExit(1)")

    async def go() -> list[object]:
        plugins = PluginRuns(FakeClock(), is_terminal=False)
        clusters = [Credentials(connection(config), cluster=name, plugins=plugins) for name in ("a", "b", "c")]
        return list(await asyncio.gather(*(each.current() for each in clusters), return_exceptions=True))

    assert [type(result) for result in asyncio.run(go())] == [Unauthorized] * 3


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("print('secret-token')", "not JSON"),
        ("print('{}')", "no ExecCredential"),
        (printing("{'token': 't'}", api_version="client.authentication.k8s.io/v1beta1"), "v1"),
        (printing("{}"), "neither"),
        (printing("{'clientCertificateData': 'x'}"), "without"),
        (printing("{'token': 't', 'expirationTimestamp': 'soon'}"), "RFC 3339"),
    ],
)
def test_i08_what_a_plugin_prints_is_never_shown(code: str, says: str) -> None:
    error = fault(plugin(code))
    assert error.code == "credentials-plugin-failed"
    assert says in error.message
    assert "secret-token" not in f"{error} {error.why} {error.__cause__!r}"


def counting(tmp_path: Path, status: str) -> tuple[ExecConfig, Path]:
    """A plug-in that leaves a line for each run."""
    file = tmp_path / "runs"
    code = f"open({str(file)!r}, 'a').write('x'); "
    return plugin(code + printing(status)), file


def test_clusters_share_one_run_for_as_long_as_its_credential_lasts(tmp_path: Path) -> None:
    config, file = counting(tmp_path, '{"token": "t", "expirationTimestamp": "2026-01-01T01:00:00Z"}')
    clock = FakeClock()  # it begins at midnight

    async def go() -> None:
        plugins = PluginRuns(clock, is_terminal=False)
        clusters = [Credentials(connection(config), cluster=name, plugins=plugins) for name in ("a", "b", "c")]
        for given in await asyncio.gather(*(each.current() for each in clusters)):
            assert given.token == "t"
        assert file.read_text() == "x"
        await clock.sleep(3500)
        await clusters[0].current()
        assert file.read_text() == "x"
        await clock.sleep(95)
        await clusters[0].current()
        assert file.read_text() == "xx"

    asyncio.run(go())


def test_requests_that_were_refused_together_share_one_refresh(tmp_path: Path) -> None:
    config, file = counting(tmp_path, '{"token": str(os.getpid())}')

    async def go() -> None:
        credentials = Credentials(connection(config), cluster="a", plugins=PluginRuns(FakeClock(), is_terminal=False))
        refused = await credentials.current()
        assert await asyncio.gather(*(credentials.refresh(refused) for _ in range(4))) == [True] * 4
        assert file.read_text() == "xx"
        assert await credentials.current() != refused

    asyncio.run(go())


def test_a_plugin_that_gives_the_same_again_is_no_refresh(tmp_path: Path) -> None:
    config, file = counting(tmp_path, '{"token": "t"}')

    async def go() -> None:
        credentials = Credentials(connection(config), cluster="a", plugins=PluginRuns(FakeClock(), is_terminal=False))
        assert await credentials.refresh(await credentials.current()) is False
        assert file.read_text() == "xx"

    asyncio.run(go())


def test_a_token_file_beats_a_token(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(" from-file\n")

    async def go(user: User) -> Credential:
        target = Connection(context="ctx", server="https://s", user=user)
        plugins = PluginRuns(FakeClock(), is_terminal=False)
        return await Credentials(target, cluster="a", plugins=plugins).current()

    assert asyncio.run(go(User(token="fixed", token_file=str(file)))).token == "from-file"
    with pytest.raises(Unauthorized) as caught:
        asyncio.run(go(User(token_file=str(tmp_path / "absent"))))
    assert caught.value.code == "credentials-unreadable"


def test_an_oidc_provider_gives_its_token_and_others_are_refused() -> None:
    pytest.importorskip("kubernetes")

    async def go(provider: str) -> Credential:
        # {"alg":"none"} . {"exp": 4102444800} . signature: good until 2100, so nobody is asked
        token = "eyJhbGciOiJub25lIn0.eyJleHAiOiA0MTAyNDQ0ODAwfQ.c2ln"
        config = {"name": provider, "config": {"id-token": token, "idp-issuer-url": "https://idp"}}
        target = Connection(context="ctx", server="https://s", user=User(auth_provider=config))  # type: ignore[arg-type]
        plugins = PluginRuns(FakeClock(), is_terminal=False)
        return await Credentials(target, cluster="a", plugins=plugins).current()

    assert asyncio.run(go("oidc")).token.startswith("eyJ")
    with pytest.raises(Unauthorized) as caught:
        asyncio.run(go("gcp"))
    assert caught.value.code == "credentials-unsupported"
