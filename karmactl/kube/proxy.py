"""Which proxy a server is reached through: the kubeconfig's own, else the usual variables.

As Go's golang.org/x/net/http/httpproxy, which kubectl uses: names and their subdomains, addresses, networks and `*` in
NO_PROXY; never a proxy to the machine itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

__all__ = ["proxy_for"]


def proxy_for(server: str, proxy_url: str, environ: Mapping[str, str]) -> str:
    """The URL of the proxy for a server, "" for none."""
    if proxy_url:
        return proxy_url
    url = urlsplit(server)
    names = (f"{url.scheme}_proxy".upper(), f"{url.scheme}_proxy")
    proxy = next((environ[name] for name in names if environ.get(name)), "")
    if not proxy or _is_exempt(url.hostname or "", url.port, environ.get("NO_PROXY") or environ.get("no_proxy") or ""):
        return ""
    return proxy if "://" in proxy else f"http://{proxy}"


def _is_exempt(host: str, port: int | None, no_proxy: str) -> bool:
    address = _address(host)
    if host == "localhost" or (address is not None and address.is_loopback):
        return True
    return any(_matches(rule.strip().lower(), host.lower(), port) for rule in no_proxy.split(",") if rule.strip())


def _matches(rule: str, host: str, port: int | None) -> bool:
    if rule == "*":
        return True
    address = _address(host)
    if "/" in rule:
        try:
            return address is not None and address in ip_network(rule, strict=False)
        except ValueError:
            return False
    if (rule_address := _address(rule)) is not None:
        return rule_address == address
    name, colon, rule_port = rule.rpartition(":")
    if colon and rule_port.isdigit():
        if int(rule_port) != port:
            return False
        rule = name
    if rule.startswith("*."):
        rule = rule[1:]
    return host.endswith(rule) if rule.startswith(".") else host == rule or host.endswith(f".{rule}")


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text.strip("[]"))
    except ValueError:
        return None
