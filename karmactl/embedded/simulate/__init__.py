"""Simulated controllers: what a controller manager, a scheduler and kubelets would do, in miniature.

`loop` runs them: each controller says which changes concern it and brings one object at a time to its wished state,
writing through the same steps as clients do. Pods come up after the cluster's `ready_after`; annotations with the
prefix `sandbox.karmactl.io/` make them fail (see `pods`).
"""
