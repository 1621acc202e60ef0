"""Users with `auth-provider: oidc`, by way of the `kubernetes` package; imported only where one is met.

The other providers that kubeconfigs once had (gcp, azure) were taken out of kubectl in 1.26 in favour of exec plug-ins
and are refused by name.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import certifi
from kubernetes.client import Configuration
from kubernetes.config import ConfigException
from kubernetes.config.kube_config import KubeConfigLoader

from karmactl.core.model.manifest import Manifest, as_mapping, as_str
from karmactl.errors import Unauthorized
from karmactl.kube.connection import Connection

__all__ = ["token_source"]


def token_source(connection: Connection, *, cluster: str) -> Callable[[], str]:
    """A function that gives a bearer token, refreshed as the provider allows. It blocks; run it in a thread.

    Raises Unauthorized: `credentials-unsupported` for another provider than oidc, `credentials-provider-failed`.
    """
    provider = connection.user.auth_provider or {}
    name = as_str(provider.get("name"))
    if name != "oidc":
        raise Unauthorized(
            "credentials-unsupported",
            f"context {connection.context!r} uses auth-provider {name!r}, which Kubernetes no longer has",
            cluster=cluster,
            hint="use the provider's exec plug-in (gke-gcloud-auth-plugin, kubelogin)",
        )
    settings = dict(as_mapping(provider.get("config")))
    if not {"idp-certificate-authority", "idp-certificate-authority-data"} & settings.keys():
        # The package does not verify the provider's certificate unless it is given an authority.
        settings["idp-certificate-authority"] = certifi.where()
    document: Manifest = {
        "current-context": "context",
        "clusters": [{"name": "cluster", "cluster": {"server": connection.server}}],
        "users": [{"name": "user", "user": {"auth-provider": {"name": name, "config": settings}}}],
        "contexts": [{"name": "context", "context": {"cluster": "cluster", "user": "user"}}],
    }

    def fetch() -> str:
        # The loader keeps a refreshed token in `document`, so the next call starts from it.
        configuration = Configuration()
        try:
            loader: Any = KubeConfigLoader
            loader(config_dict=document).load_and_set(configuration)
        except Exception as error:  # the package lets whatever its HTTP and OAuth libraries raise through
            detail = str(error) if isinstance(error, ConfigException) else type(error).__name__
            raise Unauthorized(
                "credentials-provider-failed",
                f"the OIDC provider of context {connection.context!r} gave no token: {detail}",
                cluster=cluster,
                hint="log in again",
            ) from None
        header = as_str(configuration.api_key.get("authorization") or configuration.api_key.get("BearerToken"))
        if not header:
            raise Unauthorized(
                "credentials-provider-failed",
                f"the OIDC provider of context {connection.context!r} gave no token",
                cluster=cluster,
                hint="log in again",
            )
        return header.removeprefix("Bearer ")

    return fetch
