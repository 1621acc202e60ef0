"""One cluster: what it holds, and the way of a request through it.

    listener -> faults -> who (authn) -> what (routing) -> may they (authz) -> discovery or dispatch -> verbs

A cluster lives in one event loop. Verbs run without a pause between reading and writing, so no lock is needed.
"""

import asyncio
import secrets
from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType

from karmactl.embedded import bootstrap, discovery
from karmactl.embedded.authn import User, authenticate, credential_warnings
from karmactl.embedded.authz import Authorizer
from karmactl.embedded.call import Call
from karmactl.embedded.catalog import Catalog
from karmactl.embedded.crds import CustomResources
from karmactl.embedded.dispatch import dispatch
from karmactl.embedded.encode import refuse, text
from karmactl.embedded.faults import Faults
from karmactl.embedded.http import Request, Response
from karmactl.embedded.impersonation import impersonated
from karmactl.embedded.journal import Journal
from karmactl.embedded.negotiation import Accepted, accept
from karmactl.embedded.refusals import ApiError, internal, no_route
from karmactl.embedded.resource import Resource
from karmactl.embedded.routing import RequestInfo, parse
from karmactl.embedded.simulate import build
from karmactl.embedded.simulate.client import Client
from karmactl.embedded.simulate.loop import Controllers
from karmactl.embedded.spec import ClusterSpec
from karmactl.embedded.store import Store, Table
from karmactl.embedded.values import SKEW, Object

_NONE: Mapping[str, str] = MappingProxyType({})


class Cluster:
    """A Kubernetes API server with its state, without a listener."""

    def __init__(
        self, spec: ClusterSpec, seed: str = "", *, journal: Journal | None = None, tokens: Mapping[str, str] = _NONE
    ) -> None:
        """A cluster as it is when it has just come up, or as its journal has it; `tokens` are those it had before.

        Raises DamagedError for a journal that cannot be read.
        """
        self.spec = spec
        self.address = ""
        self.ca_text = ""
        self.store = Store()
        self.catalog = Catalog()
        self.faults = Faults()
        self.stopping = False
        self.requests: Counter[str] = Counter()
        self.authorizer = Authorizer(self.store)
        self.tokens: dict[str, str] = {}
        self._users: dict[str, User] = {}
        for name, groups in (("admin", ("system:masters",)), *spec.users):
            self._add_user(name, groups, tokens.get(name))
        self.journal = journal
        self.is_restored = journal is not None and journal.restore(self.store)
        if not self.is_restored:
            bootstrap.populate(self.store, spec, seed)
        if journal is not None:
            self._users |= journal.tokens
            journal.follow()
        self.custom = CustomResources(self)
        self.controllers: Controllers | None = None

    def start(self) -> None:
        """Starts what runs by itself; called once, inside the event loop."""
        self.custom.begin()
        if self.spec.controllers and self.controllers is None:
            self.controllers = build.start(self)

    def write_status(self, table: Table, obj: Object, manager: str) -> None:
        """Stores a status as one of the server's own controllers, with its managedFields."""
        Client(self, manager).update_status(table, obj)

    def later(self, seconds: float, function: Callable[..., None], *args: object) -> None:
        """Calls a function after the current request, or after a simulated delay; not once the cluster stops."""

        def run() -> None:
            if not self.stopping:
                SKEW.set(self.faults.skew)
                function(*args)

        asyncio.get_running_loop().call_later(seconds, run)

    def stop(self) -> None:
        """Ends what runs by itself, and the journal."""
        self.stopping = True
        self.faults.clear()
        self.store.wake_all()
        if self.journal is not None:
            self.journal.close()

    def _add_user(self, name: str, groups: tuple[str, ...], known: str | None) -> None:
        token = known or secrets.token_urlsafe(24)
        self.tokens[name] = token
        self._users[token] = User(name=name, uid=f"{name}-uid", groups=(*groups, "system:authenticated"))

    def user_of(self, token: str) -> User | None:
        """The user behind a token, or None."""
        return self._users.get(token)

    def issue_token(self, user: User) -> str:
        """A new token for a user, in the shape of a signed one."""
        token = "eyJ" + ".".join(secrets.token_urlsafe(24) for _ in range(3))
        self._users[token] = user
        if self.journal is not None:
            self.journal.note_token(token, user)
        return token

    async def handle(self, request: Request) -> Response:
        """The answer to a request; never raises but for Abort, which an injected fault may want."""
        SKEW.set(self.faults.skew)
        early = await self.faults.before(request)
        if early is not None:
            return early
        try:
            response = await self._serve(request)
        except ApiError as exc:
            response = refuse(exc, _error_form(request), credential_warnings(request))
        except Exception as exc:
            # a bug of the sandbox must look like one of a server: an answer, not a hung-up client
            response = refuse(internal(f"{type(exc).__name__}: {exc}"))
        return self.faults.after(response)

    async def _serve(self, request: Request) -> Response:
        user = authenticate(request, self._users.get)
        info = parse(request)
        user = impersonated(request, user, info, self.authorizer)
        self.requests[info.verb] += 1
        self.authorizer.check(user, info, request)
        self.faults.check_write(request, user)
        if info.is_resource:
            return await self._resource(request, info, user)
        if request.method != "GET" and not discovery.takes_any_method(request.path):
            raise _method(request, self.catalog)
        found = discovery.health(request) or discovery.serve(request, self.catalog, self.address)
        if found is not None:
            return found
        return text(404, "404 page not found\n")

    async def _resource(self, request: Request, info: RequestInfo, user: User) -> Response:
        resource = self.catalog.find(info.group, info.version, info.resource)
        if resource is None:
            if info.group and not self.catalog.versions(info.group):
                return text(404, "404 page not found\n")
            if self.catalog.is_custom(info.group):
                return text(404, "404 page not found\n")
            raise no_route()
        if resource.is_custom and not _in_scope(resource, info):
            return text(404, "404 page not found\n")
        call = Call(cluster=self, request=request, info=info, user=user, resource=resource)
        try:
            return await dispatch(call)
        except ApiError as exc:
            return refuse(exc, _error_form(request), call.warnings)


def _method(request: Request, catalog: Catalog) -> ApiError:
    from karmactl.embedded.dispatch import method_not_allowed

    return method_not_allowed()


def _in_scope(resource: Resource, info: RequestInfo) -> bool:
    """Whether a path names a namespace as its custom resource asks for; others are handed on, and nobody takes them."""
    if resource.namespaced:
        return bool(info.namespace) or info.verb in ("list", "watch")
    return not info.namespace


def _error_form(request: Request) -> Accepted:
    """Refusals come as plain objects; in indented JSON where the client takes nothing that a Status has."""
    try:
        found = accept(request)
    except ApiError:
        return Accepted(pretty=True, is_raw=True)
    return Accepted(media_type=found.media_type, header=found.header, pretty=found.pretty)
