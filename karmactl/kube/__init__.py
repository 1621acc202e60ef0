"""Speaking to API servers: kubeconfig, credentials, requests, facts. The only package that opens a connection.

`config` turns kubeconfig files into one `Connection` a context; `credentials` and `exec_plugin` keep what the server
accepts as an identity; `transport` sends one request and translates every failure to `karmactl.errors`; `client` has
the ports `Reader`, `DryRunner` and `Writer` on top; `discovery` and `facts` say what a cluster is. Nothing here
decides what is written. Modules are imported one by one: listing contexts must not load an HTTP library.
"""

__all__ = ["client", "config", "credentials", "discovery", "facts", "transport"]
