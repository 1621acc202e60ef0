"""How fast inputs are read: 10,000 documents through `read_inputs`, beside PyYAML's C loader in the same run.

    python -m benchmarks.read [DOCUMENTS]

Prints documents a second and the ratio of times (below 1: faster than yaml.CSafeLoader, which checks nothing and
reads scalars by other rules). Each figure is the best of three.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import yaml

from karmactl.files import read_inputs
from karmactl.files.documents import read_documents

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-{number}
  namespace: team-{team}
  labels: {{app: app-{number}, tier: "{team}"}}
spec:
  replicas: {team}
  selector:
    matchLabels:
      app: app-{number}
  template:
    metadata:
      labels:
        app: app-{number}
    spec:
      containers:
      - name: main
        image: registry.example.com/team-{team}/app:1.{number}.0
        args: [--port=8080, --verbose]
        env:
        - name: DEBUG
          value: "off"
        ports:
        - containerPort: 8080
          name: http
        resources:
          requests: {{cpu: 100m, memory: 64Mi}}
          limits: {{memory: 128Mi}}
"""


def best_of_three(action: Callable[[], object]) -> float:
    """The shortest of three durations, in seconds."""
    durations = []
    for _ in range(3):
        begin = time.perf_counter()
        action()
        durations.append(time.perf_counter() - begin)
    return min(durations)


def main(count: int) -> None:
    text = "---\n".join(DEPLOYMENT.format(number=number, team=number % 9 + 1) for number in range(count))
    raw = text.encode()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        (base / "all.yaml").write_bytes(raw)
        reading = best_of_three(lambda: read_inputs(["all.yaml"], base=base))
        loading = best_of_three(lambda: read_documents(raw, "all.yaml", []))
        template = read_inputs(["all.yaml"], base=base).templates[0]
    beside = best_of_three(lambda: list(yaml.load_all(raw, yaml.CSafeLoader)))
    begin = time.perf_counter()
    fields = len(template.field_locations)
    places = time.perf_counter() - begin
    print(f"{count} documents, {len(raw) / 1e6:.1f} MB")
    print(
        f"read_inputs      {reading:6.2f} s  {count / reading:8.0f} documents/s  {reading / beside:5.2f} of CSafeLoader"
    )
    print(
        f"  YAML alone     {loading:6.2f} s  {count / loading:8.0f} documents/s  {loading / beside:5.2f} of CSafeLoader"
    )
    print(f"yaml.CSafeLoader {beside:6.2f} s  {count / beside:8.0f} documents/s")
    print(f"places of the {fields} fields of one document, when asked for: {places * 1e3:.2f} ms")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
