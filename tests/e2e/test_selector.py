"""`-l` narrows what is touched: placement sees everything, and what does not match is never taken for gone."""

from __future__ import annotations

from tests.e2e.fleet import CONFIG_MAP, DEPLOYMENT, Fleet, footprint
from tests.engine.manifests import config_map, deployment, documents, namespace, policy
from tests.engine.test_moves import divided

KEPT = ("member1", "member2")


def labelled(name: str, app: str, **data: str) -> str:
    return config_map(name, labels=f"{{app: {app}}}", **data)


def files(*texts: str) -> str:
    return documents(namespace(), *texts, policy(KEPT))


def test_only_what_matches_is_changed_and_pruned(fleet: Fleet) -> None:
    fleet.write("shop.yaml", files(*(labelled(f"{app}{number}", app) for app in "ab" for number in (1, 2))))
    fleet.settle("shop")
    fleet.apply()
    # One of each goes, one of each changes, one of each comes.
    fleet.write(
        "shop.yaml", files(*(labelled(f"{app}{number}", app, color="red") for app in "ab" for number in (2, 3)))
    )
    before = footprint(fleet)
    fleet.apply("--prune", "--max-delete=1", "-l", "app=a")
    now = footprint(fleet)
    assert {name for name in before if now.get(name) != before[name] and "/b" in name} == set()
    for member in KEPT:
        assert {"a2", "a3", "b1", "b2"} <= set(found := fleet.objects(member, CONFIG_MAP, "shop"))
        assert not {"a1", "b3"} & set(found)
        assert (found["a2"]["data"], found["b2"]["data"]) == ({"color": "red"}, {"color": "blue"})
    assert fleet.run("diff", "-l", "app=a").status == 0
    assert fleet.run("diff").status == 1

    fleet.apply("--prune", "--max-delete=1")
    assert {"a2", "a3", "b2", "b3"} <= set(fleet.objects("member1", CONFIG_MAP, "shop"))
    assert "b1" not in fleet.objects("member1", CONFIG_MAP, "shop")
    assert fleet.run("diff").status == 0
    assert "a1" not in fleet.run("status", "-o", "name").out


def test_what_does_not_match_is_not_moved_nor_remembered_as_moved(fleet: Fleet) -> None:
    fleet.write(
        "shop.yaml", divided(1, 1).replace("[m1", "[member1").replace("[m2", "[member2").replace(", m2]", ", member2]")
    )
    fleet.settle("shop")
    fleet.apply()
    assert fleet.replicas("shop")["web"] == {"member1": 4, "member2": 4}
    text = divided(1, 3).replace("[m1", "[member1").replace("[m2", "[member2").replace(", m2]", ", member2]")
    fleet.write("shop.yaml", documents(text, labelled("new", "a"), policy(KEPT, name="maps", kinds=["v1/ConfigMap"])))
    fleet.apply("-l", "app=a")
    assert fleet.replicas("shop")["web"] == {"member1": 4, "member2": 4}
    assert "new" in fleet.objects("member2", CONFIG_MAP, "shop")
    plan = fleet.run("plan").out
    assert "member1 after member2 ready" in plan, "still a move"
    fleet.apply()
    assert fleet.replicas("shop")["web"] == {"member1": 2, "member2": 6}


def test_what_the_chosen_cannot_do_without_comes_along(fleet: Fleet) -> None:
    """Their Namespace, and what follows them by propagateDeps."""
    spec = '    spec: {containers: [{name: web, image: "example.com/web:1"'
    text = documents(
        namespace(),
        deployment()
        .replace("namespace: shop}", "namespace: shop, labels: {app: a}}", 1)
        .replace(spec, spec.replace("{name: web", "{envFrom: [{configMapRef: {name: settings}}], name: web")),
        config_map(),
        config_map("unrelated"),
        policy(KEPT, kinds=["apps/v1/Deployment"]).replace("spec:\n", "spec:\n  propagateDeps: true\n"),
    )
    fleet.write("shop.yaml", text)
    fleet.settle("shop")
    fleet.apply("-l", "app=a")
    assert "web" in fleet.objects("member1", DEPLOYMENT, "shop")
    assert "settings" in fleet.objects("member1", CONFIG_MAP, "shop")


def test_a_selector_that_is_none_is_refused(fleet: Fleet) -> None:
    fleet.write("shop.yaml", files(config_map()))
    fleet.settle("shop")
    ran = fleet.run("apply", "-l", "a=b=c")
    assert (ran.status, "bad-selector" in ran.err) == (2, True)
    ran = fleet.run("render", "-l", "app=a", "--out-dir", "out")
    assert (ran.status, "bad-selector" in ran.err) == (2, True)
