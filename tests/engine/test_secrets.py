"""Values of Secrets appear in no plan, event, report or error (I8), and their digests tell nobody anything."""

from __future__ import annotations

import base64
import gzip

import orjson
import pytest

from karmactl.core.diff import sent_digest
from karmactl.core.digest import digest
from karmactl.core.model.change import Action
from karmactl.core.model.manifest import as_mapping, ref_of
from karmactl.core.plan_format import plan_body
from karmactl.errors import KarmactlError
from karmactl.kube.transport import Request
from tests.engine.manifests import documents, namespace, policy, secret
from tests.engine.world import SECRET, STATE_NAMESPACE, World, changes_of, fields_of, in_world

CANARY = "cAnArY-7f3a9b"
OTHER = "0tHeR-41d0c2"
ENCODED = [base64.b64encode(text.encode()).decode() for text in (CANARY, OTHER)]


def assert_silent(*things: object) -> None:
    """No value in any form in what is shown."""
    text = "\n".join(repr(thing) for thing in things)
    for value in (CANARY, OTHER, *ENCODED):
        assert value not in text


async def assert_state_is_silent(world: World) -> None:
    for name in world.clusters:
        for key, item in (await world.objects(name, SECRET, STATE_NAMESPACE)).items():
            for part in as_mapping(item["data"]).values():
                raw = base64.b64decode(str(part))
                assert_silent(gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw, key)


@in_world(names=("m1",))
async def test_i08_no_value_of_a_secret_is_shown_or_kept(world: World) -> None:
    for value in (CANARY, OTHER):
        world.write(documents(namespace(), secret(password=value), policy(["m1"])))
        result = await world.apply()
        assert result.report is not None
        assert_silent(result.plan.change_sets, plan_body(result.plan), result.report, result.events)
        await assert_state_is_silent(world)
    # Drift by hand: both values are theirs and ours.
    await world.client("m1").patch(
        SECRET, "shop", "token", {"data": {"password": base64.b64encode(CANARY.encode()).decode()}}
    )
    planned = await world.plan()
    assert changes_of(planned.plan) == {"m1/Secret./shop/token": Action.UPDATE}
    assert all(field.is_sensitive for field in fields_of(planned.plan))
    assert_silent(planned.plan.change_sets, plan_body(planned.plan))


@in_world(names=("m1",))
async def test_i08_refusals_and_conflicts_quote_no_value(world: World) -> None:
    world.write(documents(namespace(), secret(password=CANARY), policy(["m1"])))
    await world.apply()
    client = world.client("m1", "vault")
    encoded = base64.b64encode(OTHER.encode()).decode()
    await client.patch(SECRET, "shop", "token", {"data": {"extra": encoded}})
    world.write(documents(namespace(), secret(password=CANARY, extra=CANARY), policy(["m1"])))
    planned = await world.plan()
    assert changes_of(planned.plan) == {"m1/Secret./shop/token": Action.CONFLICT}
    assert_silent(planned.plan.change_sets, plan_body(planned.plan))
    with pytest.raises(ExceptionGroup) as caught:
        await world.apply()
    for error in caught.value.exceptions:
        assert isinstance(error, KarmactlError)
        assert_silent(error.message, error.why, error.hint, str(error))


@in_world(names=("m1",))
async def test_i08_a_failed_send_quotes_no_value(world: World) -> None:
    world.write(documents(namespace(), secret(password=CANARY), policy(["m1"])))

    def garble(cluster: str, request: Request) -> None:
        if request.verb == "APPLY" and "/secrets/" in request.path and request.body is not None:
            body = orjson.loads(request.body)
            body["immutable"] = CANARY
            object.__setattr__(request, "body", orjson.dumps(body))

    result = await world.apply(before=garble)
    assert result.report is not None
    assert {entry.error_code for entry in result.report.results} - {""}
    assert_silent(result.report, result.events)


def test_i08_digests_of_secrets_need_the_sets_key() -> None:
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "token", "namespace": "shop"}}
    ref = ref_of(body)  # type: ignore[arg-type]
    first = sent_digest(body, ref, b"one")  # type: ignore[arg-type]
    assert first != sent_digest(body, ref, b"two")  # type: ignore[arg-type]
    assert first != digest(body)  # type: ignore[arg-type]
