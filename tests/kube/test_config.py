"""Kubeconfig files: merging as kubectl does, credentials of every sort, and what is said of broken ones."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from karmactl.errors import Location, UsageError
from karmactl.kube.config import kubeconfig_paths, list_contexts, load_kubeconfig
from karmactl.kube.connection import Connection

FIRST = """\
apiVersion: v1
kind: Config
current-context: one
clusters:
- name: c
  cluster: {server: "https://first:6443", certificate-authority: ca.crt}
users:
- name: u
  user: {token: t1}
contexts:
- name: one
  context: {cluster: c, user: u, namespace: web}
"""
SECOND = """\
current-context: two
clusters:
- name: c
  cluster: {server: "https://second:6443"}
- name: d
  cluster: {server: "https://d/", insecure-skip-tls-verify: true, tls-server-name: d.example.com}
users:
- name: u
  user: {token: t2}
- name: v
  user: {tokenFile: token}
contexts:
- name: one
  context: {cluster: d, user: v}
- name: two
  context: {cluster: d, user: v}
"""


def write(folder: Path, text: str, name: str = "config") -> Path:
    """A file with a text."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path


def config(tmp_path: Path, *, cluster: str = "{server: 'https://s'}", user: str = "{}") -> Path:
    """A kubeconfig with one context."""
    return write(
        tmp_path,
        f"clusters:\n- name: c\n  cluster: {cluster}\nusers:\n- name: u\n  user: {user}\n"
        "contexts:\n- name: ctx\n  context: {cluster: c, user: u}\n",
    )


def connection(path: Path) -> Connection:
    """The connection of the one context."""
    return load_kubeconfig([path]).connection("ctx")


def fault(*paths: Path, context: str = "ctx") -> UsageError:
    """The error that a context gives."""
    with pytest.raises(UsageError) as caught:
        load_kubeconfig(paths).connection(context)
    return caught.value


def test_which_files_are_read() -> None:
    environ = {"KUBECONFIG": os.pathsep.join(["a", "", "b", "a"]), "HOME": "/home/me"}
    assert kubeconfig_paths("/given", environ) == (Path("/given"),)
    assert kubeconfig_paths(None, environ) == (Path("a"), Path("b"))
    assert kubeconfig_paths(None, {"HOME": "/home/me"}) == (Path("/home/me/.kube/config"),)
    assert kubeconfig_paths("", {"HOME": "/home/me", "KUBECONFIG": ""}) == (Path("/home/me/.kube/config"),)


def test_of_a_name_the_first_file_wins_and_paths_are_relative_to_their_file(tmp_path: Path) -> None:
    first, second = write(tmp_path / "1", FIRST), write(tmp_path / "2", SECOND)
    (tmp_path / "1" / "ca.crt").write_text("PEM")
    merged = load_kubeconfig([first, tmp_path / "absent", second])
    one, two = merged.connection("one"), merged.connection("two")
    assert (one.server, one.ca, one.user.token) == ("https://first:6443", b"PEM", "t1")
    assert (two.server, two.is_insecure, two.tls_server_name) == ("https://d", True, "d.example.com")
    assert two.user.token_file == str(tmp_path / "2" / "token")
    assert merged.current_context == "one"
    other_way = load_kubeconfig([second, first])
    assert (other_way.current_context, other_way.connection("one").server) == ("two", "https://d")


def test_contexts_are_listed_without_reading_credentials(tmp_path: Path) -> None:
    first, second = write(tmp_path / "1", FIRST), write(tmp_path / "2", SECOND)
    found = list_contexts([first, second])
    assert [(each.name, each.server, each.credentials, each.namespace, each.is_current) for each in found] == [
        ("one", "https://first:6443", "token", "web", True),
        ("two", "https://d/", "token-file", "", False),
    ]
    assert found[1].file == str(second)


def test_names_and_tokens_stay_texts(tmp_path: Path) -> None:
    text = "clusters:\n- {name: 1e3, cluster: {server: 'https://s'}}\nusers:\n- {name: on, user: {token: 0123}}\n"
    path = write(tmp_path, text + "contexts:\n- {name: 2001-01-01, context: {cluster: 1e3, user: on}}\n")
    assert load_kubeconfig([path]).connection("2001-01-01").user.token == "0123"


def test_empty_fields_are_as_absent(tmp_path: Path) -> None:
    exec_ = "{apiVersion: client.authentication.k8s.io/v1beta1, command: c, args: null, env: null, installHint: }"
    made = connection(config(tmp_path, user=f"{{token: null, as: , exec: {exec_}}}"))
    assert made.user.exec is not None
    assert (made.user.exec.args, made.user.exec.env, made.user.exec.interactive_mode) == ((), (), "IfAvailable")
    assert made.user.token == ""


def test_data_beats_files(tmp_path: Path) -> None:
    def data(text: str) -> str:
        return base64.b64encode(text.encode()).decode()

    user = f"{{client-certificate: no, client-certificate-data: {data('CERT')}, client-key-data: {data('KEY')}}}"
    cluster = f"{{server: 'https://s', certificate-authority: no, certificate-authority-data: {data('CA')}}}"
    made = connection(config(tmp_path, user=user, cluster=cluster))
    assert (made.ca, made.user.client_certificate, made.user.client_key) == (b"CA", b"CERT", b"KEY")
    assert "KEY" not in repr(made)


def test_impersonation_proxy_and_compression(tmp_path: Path) -> None:
    user = "{as: jane, as-uid: '7', as-groups: [a, b], as-user-extra: {scopes: [x]}}"
    cluster = "{server: s:1, proxy-url: 'http://user:pw@p:3128', disable-compression: true}"
    made = connection(config(tmp_path, user=user, cluster=cluster))
    assert made.user.impersonate == (
        ("Impersonate-User", "jane"),
        ("Impersonate-Uid", "7"),
        ("Impersonate-Group", "a"),
        ("Impersonate-Group", "b"),
        ("Impersonate-Extra-scopes", "x"),
    )
    assert (made.server, made.proxy_url, made.is_compression_disabled) == ("http://s:1", "http://user:pw@p:3128", True)


def test_a_plugin_command_with_a_slash_is_relative_to_the_file(tmp_path: Path) -> None:
    text = "{{exec: {{apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, command: {}}}}}"
    made = connection(config(tmp_path, user=text.format("./bin/login")))
    assert made.user.exec is not None
    assert made.user.exec.command == str(tmp_path / "bin" / "login")
    made = connection(config(tmp_path, user=text.format("aws")))
    assert made.user.exec is not None
    assert made.user.exec.command == "aws"


def test_the_exec_extension_of_the_cluster_is_kept(tmp_path: Path) -> None:
    cluster = "{server: 'https://s', extensions: [{name: client.authentication.k8s.io/exec, extension: {audience: a}}]}"
    plugin = "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: c, provideClusterInfo: true}}"
    made = connection(config(tmp_path, cluster=cluster, user=plugin))
    assert made.user.exec is not None
    assert (made.user.exec.cluster_config, made.user.exec.provides_cluster_info) == ({"audience": "a"}, True)


def test_no_kubeconfig_at_all(tmp_path: Path) -> None:
    error = fault(tmp_path / "a", tmp_path / "b")
    assert error.code == "kubeconfig-missing"
    assert str(tmp_path / "a") in error.message
    assert error.hint


def test_an_unknown_context_names_the_nearest(tmp_path: Path) -> None:
    error = fault(config(tmp_path), context="ctxx")
    assert (error.code, error.hint) == ("context-unknown", "did you mean 'ctx'?")
    assert fault(config(tmp_path), context="something").hint == "contexts: ctx"


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("clusters:\n- name: c\n  cluster: {\n", 4, "not YAML"),
        ("a: b\n\tc: d\n", 2, "not YAML"),
        ("just text\n", 1, "a kubeconfig is a mapping"),
        ("kind: Deployment\n", 1, "'Deployment'"),
        ("contexts: 3\n", 1, "not a list"),
        ("contexts:\n- name: a\n- context: {}\n", 3, "contexts[1] has no name"),
        ("contexts:\n- name: a\n- name: a\n", 3, "twice"),
        ("contexts:\n- name: ctx\n  context: [x]\n", 3, "not a mapping"),
        ("contexts:\n- name: ctx\n  context: {user: x}\n", 3, "names no cluster"),
        ("contexts:\n- name: ctx\n  context:\n    user: x\n    cluster: y\n", 5, "'y', which no kubeconfig has"),
    ],
)
def test_a_broken_file_is_told_with_its_line(tmp_path: Path, text: str, line: int, says: str) -> None:
    path = write(tmp_path, text)
    error = fault(path)
    assert error.code == "kubeconfig-broken"
    assert says in error.message
    assert error.location is not None
    assert (error.location.file, error.location.line) == (str(path), line)


@pytest.mark.parametrize(
    ("cluster", "user", "line", "says"),
    [
        ("{}", "{}", 3, "has no server"),
        ("{server: 'ftp://s'}", "{}", 3, "ftp://s"),
        ("{server: [a]}", "{}", 3, "not a text"),
        ("{server: 'https://s', proxy-url: 'socks5://u:hunter2@p'}", "{}", 3, "socks5"),
        ("{server: 'https://s', insecure-skip-tls-verify: yes please}", "{}", 3, "neither true nor false"),
        ("{server: 'https://s', certificate-authority: absent}", "{}", 3, "No such file"),
        ("{server: 'https://s', insecure-skip-tls-verify: true, certificate-authority-data: QQ==}", "{}", 3, "both"),
        ("{server: 'https://s'}", "{client-key-data: QQ==}", 6, "without a client-certificate"),
        ("{server: 'https://s'}", "{username: a, password: hunter2}", 6, "no longer"),
        ("{server: 'https://s'}", "{exec: {command: c, apiVersion: v9}}", 6, "'v9'"),
        ("{server: 'https://s'}", "{exec: {apiVersion: client.authentication.k8s.io/v1}}", 6, "no command"),
        (
            "{server: 'https://s'}",
            "{exec: {command: c, apiVersion: client.authentication.k8s.io/v1}}",
            6,
            "no interactiveMode",
        ),
    ],
)
def test_a_broken_entry_is_told_with_its_line(tmp_path: Path, cluster: str, user: str, line: int, says: str) -> None:
    path = config(tmp_path, cluster=cluster, user=user)
    error = fault(path)
    assert error.code == "kubeconfig-broken"
    assert says in error.message
    assert error.location == Location(file=str(path), line=line)
    assert "hunter2" not in str(error)


def test_i08_no_error_quotes_a_key_or_token(tmp_path: Path) -> None:
    value = "hunter2-not-base64-!"
    for user in (f"{{client-key-data: '{value}'}}", f"{{token: [{value}]}}", f"{{client-key-data: {{a: '{value}'}}}}"):
        error = fault(config(tmp_path, user=user))
        assert "hunter2" not in f"{error} {error.hint} {error.__cause__!r} {error.__context__!r}"
    for text in (
        f"token: '{value}",
        f'token: "{value}\\q"',
        f"token: *{value}",
        f"a: {value}: {value}",
        f"{{a: {value}",
    ):
        broken = fault(write(tmp_path, text + "\n"))
        assert broken.code == "kubeconfig-broken"
        assert "hunter2" not in f"{broken} {broken.__cause__} {broken.__cause__!r}"


def test_two_hundred_contexts_are_listed(tmp_path: Path) -> None:
    certificate = base64.b64encode(b"x" * 1200).decode()
    lines = ["clusters:"]
    lines += [
        f"- name: c{n}\n  cluster: {{server: 'https://s{n}', certificate-authority-data: {certificate}}}"
        for n in range(200)
    ]
    lines += ["users:"] + [f"- name: u{n}\n  user: {{client-certificate-data: {certificate}}}" for n in range(200)]
    lines += ["contexts:"] + [f"- name: x{n}\n  context: {{cluster: c{n}, user: u{n}}}" for n in range(200)]
    path = write(tmp_path, "\n".join(lines))
    assert len(list_contexts([path])) == 200
