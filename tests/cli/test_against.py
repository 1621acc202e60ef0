"""`diff --against`: what a change of files does to every cluster's objects, from a git revision or a folder."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import Karmactl
from tests.cli.shop import POLICY, SECRET, SECRET_POLICY, SETTINGS, WEB, commit, write, write_shop

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def shop(karmactl: Karmactl) -> Path:
    """The project, committed; the working folder."""
    write_shop(Path())
    commit(Path())
    return Path()


def changes(karmactl: Karmactl, *words: str, status: int = 1) -> list[tuple[str, str, str]]:
    """(cluster, action, object) of every change."""
    ran = karmactl("diff", *words, "-o", "json")
    assert ran.status == status, ran.err
    return [
        (change["cluster"], change["action"], f"{change['resource']['kind']}/{change['resource']['name']}")
        for change in json.loads(ran.out)["changes"]
    ]


def test_no_change_is_no_difference(karmactl: Karmactl, shop: Path) -> None:
    ran = karmactl("diff", "--against", "git:HEAD")
    assert (ran.status, ran.out) == (0, "")
    assert "no differences against git:HEAD" in ran.err


def test_an_image_is_shown_once_for_all_its_clusters(karmactl: Karmactl, shop: Path) -> None:
    write(shop, manifests__web=WEB.replace("web:1", "web:2"))
    ran = karmactl("diff", "--against", "git:HEAD")
    assert ran.status == 1
    assert ran.out.split()[:7] == ["~", "shop", "deploy/web", "same", "in", "eu", "us"]
    assert ran.out.count("+ web:2") + ran.out.count("→ web:2") == 1
    assert "1 object differs in 2 clusters · 4 equal" in ran.out
    assert karmactl("diff", "--against", "git:HEAD", "--exit-zero").status == 0


def test_fields_say_where_they_come_from(karmactl: Karmactl, shop: Path) -> None:
    write(shop, manifests__web=WEB.replace("web:1", "web:2").replace("replicas: 5", "replicas: 10"))
    document = json.loads(karmactl("diff", "--against", "git:HEAD", "-o", "json").out)
    fields = {entry["path"]: entry for entry in document["changes"][0]["fields"]}
    replicas, image = fields["/spec/replicas"], fields["/spec/template/spec/containers/0/image"]
    assert (replicas["before"], replicas["after"]) == (3, 6)
    assert (replicas["origin"]["type"], image["origin"]["type"]) == ("placement", "template")
    assert image["origin"]["location"]["file"] == "manifests/web.yaml"


def test_a_move_withdraws_and_creates(karmactl: Karmactl, shop: Path) -> None:
    write(shop, policies__web=POLICY.replace("clusterNames: [eu, us]", "clusterNames: [eu, ap]"))
    found = changes(karmactl, "--against", "git:HEAD")
    assert ("us", "withdraw", "Deployment/web") in found
    assert ("ap", "create", "Service/web") in found
    ran = karmactl("diff", "--against", "git:HEAD")
    assert "newly placed here" in ran.out


def test_replicas_that_need_not_move_stay(karmactl: Karmactl, shop: Path) -> None:
    """The present side starts from the former placement, as the next run would: a label moves nothing."""
    write(
        shop,
        manifests__web=WEB.replace("labels: {app: web}}\nspec:\n  replicas", "labels: {app: x}}\nspec:\n  replicas"),
    )
    document = json.loads(karmactl("diff", "--against", "git:HEAD", "-o", "json").out)
    paths = {entry["path"] for change in document["changes"] for entry in change["fields"]}
    assert paths == {"/metadata/labels/app"}


def test_what_left_the_files_and_what_is_new(karmactl: Karmactl, shop: Path) -> None:
    service_less, namespace = WEB.split("---\n")[0], WEB.split("---\n")[2]
    write(shop, manifests__web=f"{service_less}---\n{namespace}", manifests__s=SECRET, policies__s=SECRET_POLICY)
    assert changes(karmactl, "--against", "git:HEAD") == [
        ("eu", "create", "Secret/keys"),
        ("eu", "prune", "Service/web"),
        ("us", "prune", "Service/web"),
    ]


def test_a_cluster_that_left_the_fleet_loses_its_objects(karmactl: Karmactl, shop: Path) -> None:
    write(shop, karmactl=SETTINGS.replace("  - {name: us, region: us}\n", ""))
    found = changes(karmactl, "--against", "git:HEAD")
    assert ("us", "withdraw", "Deployment/web") in found
    assert ("eu", "update", "Deployment/web") in found


def test_everything_is_new_in_the_first_change(karmactl: Karmactl) -> None:
    commit(Path(), "empty")
    write_shop(Path())
    found = changes(karmactl, "--against", "git:HEAD")
    assert {action for _, action, _ in found} == {"create"}
    assert len(found) == 6


def test_values_of_secrets_are_never_shown(karmactl: Karmactl, shop: Path) -> None:
    write(shop, manifests__s=SECRET, policies__s=SECRET_POLICY)
    commit(shop)
    write(shop, manifests__s=SECRET.replace("canary-4711", "canary-0815"))
    for form in ("human", "json", "markdown", "yaml"):
        ran = karmactl("diff", "--against", "git:HEAD", "-o", form)
        assert ran.status == 1
        assert "canary" not in ran.out + ran.err
        assert "Y2FuYXJ5" not in ran.out + ran.err  # base64
    assert "(masked, differs)" in karmactl("diff", "--against", "git:HEAD").out


def test_markdown_for_the_review(karmactl: Karmactl, shop: Path) -> None:
    write(shop, manifests__web=WEB.replace("replicas: 5", "replicas: 10"))
    ran = karmactl("diff", "--against", "git:main", "-o", "markdown=review.md", "-o", "json")
    assert ran.status == 1
    assert json.loads(ran.out)["exitCode"] == 1
    review = Path("review.md").read_text()
    assert review.startswith("### karmactl diff against `git:main`: 2 update\n")
    assert "| `shop deploy/web` |  | 3 → **6** | 2 → **4** |" in review


def test_it_works_from_a_folder_below_the_root(
    karmactl: Karmactl, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_shop(Path("deploy/shop"))
    commit(Path())
    monkeypatch.chdir("deploy/shop/manifests")
    write(Path(), web=WEB.replace("web:1", "web:2"))
    assert len(changes(karmactl, "--against", "git:HEAD")) == 2
    assert len(changes(karmactl, "--against", "git:HEAD", "-f", "web.yaml,../policies")) == 2
    assert len(changes(karmactl, "--against", "git:HEAD", "-f", "*.yaml", "-f", "../policies")) == 2


def test_neither_the_work_tree_nor_the_index_is_touched(karmactl: Karmactl, shop: Path) -> None:
    write(shop, manifests__web=WEB.replace("web:1", "web:2"))
    before = {path: path.stat().st_mtime_ns for path in shop.rglob("*") if path.is_file()}
    assert karmactl("diff", "--against", "git:HEAD").status == 1
    assert {path: path.stat().st_mtime_ns for path in shop.rglob("*") if path.is_file()} == before


def test_faults_of_the_former_files_name_the_revision(karmactl: Karmactl, shop: Path) -> None:
    write(shop, policies__web=POLICY.replace("placement:", "plaecment:"))
    commit(shop, "broken")
    write(shop, policies__web=POLICY)
    ran = karmactl("diff", "--against", "git:HEAD")
    assert ran.status == 2
    assert "git:HEAD:policies/web.yaml:8:3: error: unknown-field" in ran.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("git:nowhere",), "revision-unknown"),
        (("git:--output=x",), "revision-unknown"),
        (("no/such/folder",), "bad-against"),
        (("last-applied",), "bad-against"),
        (("git:HEAD", "-f", "-"), "against-not-in-git"),
        (("git:HEAD", "-f", "https://example.com/x.yaml"), "against-not-in-git"),
        (("git:HEAD", "-f", "../outside"), "against-not-in-git"),
        (("git:HEAD", "-f", "/etc"), "against-not-in-git"),
    ],
)
def test_what_cannot_be_compared_with_is_an_error(
    karmactl: Karmactl, shop: Path, words: tuple[str, ...], code: str
) -> None:
    ran = karmactl("diff", "--against", *words)
    assert (ran.status, ran.out) == (2, "")
    assert code in ran.err
    assert "next" in ran.err


def test_without_a_repository_there_is_no_revision(karmactl: Karmactl) -> None:
    write_shop(Path())
    ran = karmactl("diff", "--against", "git:HEAD")
    assert ran.status == 2
    assert "not-a-repository" in ran.err


def test_another_folder(karmactl: Karmactl, tmp_path: Path) -> None:
    write_shop(Path())
    write_shop(tmp_path / "other")
    assert changes(karmactl, "--against", str(tmp_path / "other"), status=0) == []
    write(tmp_path / "other", manifests__web=WEB.replace("web:1", "web:0"))
    assert len(changes(karmactl, "--against", str(tmp_path / "other"))) == 2
    # Without settings of its own it is a folder of manifests.
    (tmp_path / "other" / "karmactl.yaml").unlink()
    assert len(changes(karmactl, "--against", str(tmp_path / "other"))) == 2
