"""Clusters that outlive their process: `up --data`, also where the process was killed in the middle of writes."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import Any

import pytest

from karmactl import embedded
from karmactl.embedded import ClusterSpec, SandboxThread
from karmactl.embedded.journal import DamagedError, Journal
from karmactl.embedded.keepfile import KeepError
from karmactl.embedded.store import Store
from tests.embedded.conftest import Api
from tests.embedded.test_apply import deployment
from tests.embedded.test_sandbox import available, eventually

MAPS = "/api/v1/namespaces/default/configmaps"
WEB = "/apis/apps/v1/namespaces/default/deployments/web"
CRD = {
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "scope": "Namespaced",
        "names": {"plural": "widgets", "kind": "Widget"},
        "versions": [
            {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}
        ],
    },
}


def started(folder: Path, *names: str) -> SandboxThread:
    folder.mkdir(exist_ok=True)
    return SandboxThread([ClusterSpec(name=n, ready_after=0.02) for n in names], folder, folder / "data")


def test_a_cluster_comes_back_as_it_was(tmp_path: Path) -> None:
    with started(tmp_path, "a") as sandbox:
        api, url, token = Api(sandbox.kubeconfig_path, "a"), sandbox.url("a"), sandbox.token("a")
        made = api("POST", MAPS, {"metadata": {"name": "kept"}, "data": {"a": "1"}}).body
        api("POST", MAPS, {"metadata": {"name": "gone"}})
        api("DELETE", f"{MAPS}/gone")
        api("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", CRD)
        eventually(
            lambda: (
                api(
                    "POST",
                    "/apis/example.com/v1/namespaces/default/widgets",
                    {"apiVersion": "example.com/v1", "kind": "Widget", "metadata": {"name": "w"}},
                ).status
                == 201
            )
        )
        api("POST", WEB.rpartition("/")[0], deployment(replicas=2))
        eventually(lambda: (available(api, WEB) or {}).get("readyReplicas") == 2)
        pods = names_and_versions(api, "/api/v1/namespaces/default/pods")
        account = "/api/v1/namespaces/default/serviceaccounts/default/token"
        issued = api("POST", account, {"spec": {}}).body["status"]["token"]
    with started(tmp_path, "a") as sandbox:
        api = Api(sandbox.kubeconfig_path, "a")
        assert (sandbox.url("a"), sandbox.token("a")) == (url, token)
        assert api("GET", f"{MAPS}/kept").body == made
        assert api("GET", f"{MAPS}/gone").status == 404
        assert api("GET", "/apis/example.com/v1/namespaces/default/widgets/w").status == 200
        assert names_and_versions(api, "/api/v1/namespaces/default/pods") == pods
        assert "default:default" in api("GET", MAPS, token=issued).body["message"]
        api.merge(WEB, {"spec": {"replicas": 3}})
        eventually(lambda: (available(api, WEB) or {}).get("readyReplicas") == 3)


def names_and_versions(api: Api, path: str) -> dict[str, Any]:
    return {i["metadata"]["name"]: i["metadata"]["resourceVersion"] for i in api("GET", path).body["items"]}


def test_new_clusters_join_those_that_are_kept(tmp_path: Path) -> None:
    with started(tmp_path, "a"):
        pass
    with started(tmp_path, "b", "a") as sandbox:
        assert sandbox.sandbox.names == ("a", "b")


def test_one_process_at_a_time_has_the_folder(tmp_path: Path) -> None:
    with started(tmp_path, "a"), pytest.raises(KeepError, match="another sandbox uses"):
        started(tmp_path, "a")


# A handshake that the kill cuts short leaves its socket to the collector: the standard library does not close it.
@pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")
@pytest.mark.filterwarnings("ignore:Exception ignored in. <ssl.SSLSocket:pytest.PytestUnraisableExceptionWarning")
def test_writes_that_were_answered_survive_a_killed_process(tmp_path: Path) -> None:
    directory, data = tmp_path / "run", tmp_path / "data"
    status = embedded.up(directory, [ClusterSpec(name="a", ready_after=0.02)], data=data)
    answered: dict[str, str] = {}
    enough = threading.Event()

    def write(number: int) -> None:
        api = Api(directory / "kubeconfig", "a")
        try:
            for count in range(100_000):
                name = f"m-{number}-{count}"
                made = api("POST", MAPS, {"metadata": {"name": name}, "data": {"text": "x" * 500}})
                answered[name] = made.body["metadata"]["resourceVersion"]
                if len(answered) > 200:
                    enough.set()
        except (OSError, ValueError):
            return  # the server is gone, as it should be

    writers = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for each in writers:
        each.start()
    assert enough.wait(30)
    os.kill(status.pid, signal.SIGKILL)
    for each in writers:
        each.join()
    embedded.up(directory, [], data=data)
    try:
        found = names_and_versions(Api(directory / "kubeconfig", "a"), MAPS)
        assert {name: found.get(name) for name in answered} == answered
    finally:
        embedded.down(directory)


def filled(path: Path, count: int) -> tuple[Journal, Store]:
    store, journal = Store(), Journal(path)
    journal.restore(store)
    journal.follow()
    for number in range(count):
        body = {"metadata": {"name": f"n{number % 7}"}, "data": {"n": str(number)}}
        store.put(("", "configmaps"), ("default", f"n{number % 7}"), body)
    return journal, store


@pytest.mark.parametrize("cut", range(1, 60, 7))
def test_half_a_line_at_the_end_is_dropped(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "a.journal"
    journal, _ = filled(path, 5)
    journal.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:-cut])
    store = Store()
    again = Journal(path)
    again.restore(store)
    again.follow()
    assert sorted(k[1] for k in store.tables[("", "configmaps")]) == ["n0", "n1", "n2", "n3"]
    store.remove(("", "configmaps"), ("default", "n3"))
    again.close()
    third = Store()
    Journal(path).restore(third)
    assert third.tables == store.tables
    assert third.revision == store.revision


def test_a_damaged_line_in_the_middle_is_no_torn_end(tmp_path: Path) -> None:
    path = tmp_path / "a.journal"
    filled(path, 5)[0].close()
    path.write_bytes(path.read_bytes().replace(b'"n":"2"', b'"n":"9"'))
    with pytest.raises(DamagedError, match="line 4 is damaged"):
        Journal(path).restore(Store())


def test_a_long_journal_is_written_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("karmactl.embedded.journal.LEAST_REWRITE", 2000)
    path = tmp_path / "a.journal"
    journal, store = filled(path, 500)
    journal.close()
    assert path.stat().st_size < 10_000
    again = Store()
    Journal(path).restore(again)
    assert (again.tables, again.revision) == (store.tables, store.revision)
