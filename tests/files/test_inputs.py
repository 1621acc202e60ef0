"""From text to InputSet: a file of cases, then what needs folders, several files, flags or a server."""

from __future__ import annotations

import hashlib
import io
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from karmactl.core.model.input import InputSet
from karmactl.core.model.manifest import name_of
from karmactl.errors import InputError, Location, PolicyError
from karmactl.files import ReadOptions, read_excerpts, read_inputs

SHARED = Path(__file__).parents[3] / "shared" / "inputs"


def _cases() -> list[tuple[str, str, list[str]]]:
    text = (Path(__file__).parent / "cases" / "inputs.txt").read_text(encoding="utf-8")
    cases = []
    for part in text.split("\n### ")[1:]:
        name, _, rest = part.partition("\n")
        source, _, expected = rest.partition("\n===")
        cases.append((name, source + "\n", expected.strip().splitlines()))
    return cases


def _line(location: Location | None) -> str:
    assert location is not None
    return f"{location.line}:{location.column}"


def _describe(inputs: InputSet) -> list[str]:
    lines = []
    for template in inputs.templates:
        lines.append(f"template {template.ref} at {_line(template.location)}")
        lines[-1] += f" from {template.origin}" if template.origin else ""
        lines[-1] += "" if template.is_scope_known else " scope unknown"
    for policy in inputs.propagation_policies:
        where = f"{policy.namespace}/" if policy.namespace else ""
        lines.append(f"propagation {policy.kind} {where}{policy.name} at {_line(policy.location)}")
    for override in inputs.override_policies:
        where = f"{override.namespace}/" if override.namespace else ""
        rules = " ".join(_line(place) for place in override.rule_locations)
        lines.append(f"override {override.kind} {where}{override.name} at {_line(override.location)} rules {rules}")
    for cluster, facts in zip(inputs.clusters, inputs.cluster_facts, strict=True):
        lines.append(" ".join(["cluster", cluster.name, *(f"{key} {_line(place)}" for key, place in facts.items())]))
    lines += [f"interpreter {name_of(entry.manifest)}" for entry in inputs.interpreters]
    lines += [f"warning {warning.code} at {_line(warning.location)}" for warning in inputs.warnings]
    return lines


def faults_of(excinfo: pytest.ExceptionInfo[ExceptionGroup[InputError]]) -> list[InputError]:
    faults = list(excinfo.value.exceptions)
    assert all(isinstance(fault, InputError) for fault in faults)
    return faults  # type: ignore[return-value]


@pytest.mark.parametrize(("name", "text", "expected"), _cases(), ids=[case[0] for case in _cases()])
def test_cases(name: str, text: str, expected: list[str], tmp_path: Path) -> None:
    (tmp_path / "in.yaml").write_text(text, encoding="utf-8")
    try:
        got = _describe(read_inputs(["in.yaml"], base=tmp_path))
    except ExceptionGroup as group:
        # A case says more than place and code where the words matter.
        got = [
            f"{_line(fault.location)} {fault.code}" + (f" {fault.message}" if len(line.split()) > 2 else "")
            for fault, line in zip(group.exceptions, expected + [""] * len(group.exceptions), strict=False)
            if isinstance(fault, InputError)
        ]
        assert all(isinstance(fault, InputError) and fault.location.file == "in.yaml" for fault in group.exceptions)  # type: ignore[union-attr]
    assert got == expected


def _config_map(name: str, extra: str = "") -> str:
    return f"apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}{extra}}}\n"


def _write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _names(inputs: InputSet) -> list[str]:
    return [template.ref.name for template in inputs.templates]


def test_a_folder_gives_its_manifests_and_nothing_else(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "in/b.yaml": _config_map("b"),
            "in/a.yml": _config_map("a"),
            "in/c.json": '{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c"}}',
            "in/x.test.yaml": "given: {}",
            "in/karmactl.yaml": "set: x",
            "in/karmactl.lock": "version: 1",
            "in/kustomization.yaml": "resources: []",
            "in/README.md": "# x",
            "in/below/d.yaml": _config_map("d"),
        },
    )
    assert _names(read_inputs(["in"], base=tmp_path)) == ["a", "b", "c"]
    assert _names(read_inputs(["in/"], base=tmp_path, options=ReadOptions(is_recursive=True))) == ["a", "b", "d", "c"]
    assert [file.path for file in read_inputs(["in"], base=tmp_path).files] == ["in/a.yml", "in/b.yaml", "in/c.json"]


def test_links_are_read_once_and_never_in_circles(tmp_path: Path) -> None:
    _write(tmp_path, {"in/a.yaml": _config_map("a")})
    (tmp_path / "in" / "loop").symlink_to(tmp_path / "in")
    (tmp_path / "in" / "same.yaml").symlink_to("a.yaml")
    (tmp_path / "in" / "gone.yaml").symlink_to("nowhere")
    with pytest.raises(ExceptionGroup) as caught:
        read_inputs(["in"], base=tmp_path, options=ReadOptions(is_recursive=True))
    assert [(fault.code, str(fault.location)) for fault in faults_of(caught)] == [("input-unreadable", "in/gone.yaml")]
    (tmp_path / "in" / "gone.yaml").unlink()
    assert _names(read_inputs(["in"], base=tmp_path, options=ReadOptions(is_recursive=True))) == ["a"]


def test_pipes_and_loops_in_a_folder_are_faults_and_nothing_waits_for_them(tmp_path: Path) -> None:
    _write(tmp_path, {"in/a.yaml": _config_map("a")})
    os.mkfifo(tmp_path / "in" / "pipe.yaml")
    (tmp_path / "in" / "self.yaml").symlink_to("self.yaml")
    for paths in (["in"], ["in/*.yaml"]):
        with pytest.raises(ExceptionGroup) as caught:
            read_inputs(paths, base=tmp_path)
        found = [(fault.code, str(fault.location)) for fault in faults_of(caught)]
        assert found == [("input-unreadable", "in/pipe.yaml"), ("input-unreadable", "in/self.yaml")]


def test_a_pipe_that_is_named_is_read(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.write(write, _config_map("a").encode())
    os.close(write)
    assert _names(read_inputs([f"/dev/fd/{read}"], base=tmp_path)) == ["a"]
    os.close(read)


def test_what_never_ends_is_refused() -> None:
    with pytest.raises(ExceptionGroup) as caught:
        read_inputs(["/dev/zero"], base=Path("/"))
    assert [fault.code for fault in faults_of(caught)] == ["input-too-large"]


def test_names_that_are_no_utf_8_are_escaped(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"\xff.yaml")).write_text(_config_map("a"), encoding="utf-8")
    inputs = read_inputs(["."], base=tmp_path)
    assert [str(template.location) for template in inputs.templates] == ["\\xff.yaml:1:1"]


def test_names_that_no_file_can_have(tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        read_inputs(["a" * 5000], base=tmp_path)
    assert [fault.code for fault in faults_of(caught)] == ["input-unreadable"]


def test_globs_commas_and_a_file_named_twice(tmp_path: Path) -> None:
    _write(tmp_path, {"a.yaml": _config_map("a"), "b.yaml": _config_map("b"), "b.test.yaml": "given: {}"})
    assert _names(read_inputs(["*.yaml"], base=tmp_path)) == ["a", "b"]
    assert _names(read_inputs(["b.yaml,a.yaml", "./a.yaml", "."], base=tmp_path)) == ["a", "b"]


def test_the_order_of_paths_never_matters(tmp_path: Path) -> None:
    _write(tmp_path, {"a.yaml": _config_map("a"), "b.yaml": _config_map("b")})
    assert read_inputs(["a.yaml", "b.yaml"], base=tmp_path) == read_inputs(["b.yaml", "a.yaml"], base=tmp_path)


@pytest.mark.parametrize(
    ("path", "code", "message"),
    [
        ("nowhere.yaml", "input-not-found", 'the path "nowhere.yaml" does not exist'),
        ("x*.yaml", "input-not-found", "the pattern 'x*.yaml' matches no file"),
        ("empty", "input-empty-folder", "the folder has no manifest (*.yaml, *.yml, *.json)"),
        ("", "input-not-found", "an empty path"),
        ("-", "input-no-stdin", "there is no standard input to read from"),
    ],
)
def test_paths_that_lead_nowhere(path: str, code: str, message: str, tmp_path: Path) -> None:
    _write(tmp_path, {"empty/README.md": "", "empty/deep/a.yaml": _config_map("a")})
    with pytest.raises(ExceptionGroup) as caught:
        read_inputs([path], base=tmp_path)
    (fault,) = faults_of(caught)
    assert (fault.code, fault.message, fault.location) == (code, message, Location(file=path))
    assert ("-R" in fault.hint) is (path == "empty")


def test_standard_input_is_read_once(tmp_path: Path) -> None:
    inputs = read_inputs(["-", "-"], base=tmp_path, stdin=io.BytesIO(_config_map("a").encode()))
    assert [str(template.location) for template in inputs.templates] == ["stdin:1:1"]


def test_faults_of_all_files_come_in_file_and_line_order(tmp_path: Path) -> None:
    _write(tmp_path, {"b.yaml": "a: [\n", "a.yaml": f"{_config_map('x')}---\na: b\n", "c.yaml": _config_map("x")})
    with pytest.raises(ExceptionGroup) as caught:
        read_inputs(["c.yaml", "b.yaml", "a.yaml", "no.yaml"], base=tmp_path)
    assert [(str(fault.location), fault.code) for fault in faults_of(caught)] == [
        ("a.yaml:5:1", "field-missing"),
        ("b.yaml:2:1", "yaml-syntax"),
        ("c.yaml:1:1", "duplicate-object"),
        ("no.yaml", "input-not-found"),
    ]


@pytest.mark.parametrize(
    ("raw", "names"),
    [
        (b"\xef\xbb\xbf" + _config_map("a").encode(), ["a"]),
        (_config_map("a").encode("utf-16"), ["a"]),
        (_config_map("a").replace("\n", "\r\n").encode(), ["a"]),
        (b"\xef\xbb\xbf" + b'{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}', ["a"]),
        (b"", []),
    ],
    ids=["utf-8 mark", "utf-16", "crlf", "json with mark", "empty"],
)
def test_encodings(raw: bytes, names: list[str], tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(raw)
    assert _names(read_inputs(["a.yaml"], base=tmp_path)) == names


def test_bytes_that_are_no_text_have_a_place(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes("a: b\nc: ä".encode() + b"\xff\n")
    with pytest.raises(ExceptionGroup) as caught:
        read_inputs(["a.yaml"], base=tmp_path)
    (fault,) = faults_of(caught)
    assert (fault.code, str(fault.location), fault.message) == (
        "input-encoding",
        "a.yaml:2:5",
        "byte 0xff is not valid UTF-8",
    )


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ('{"a": 1,,}', "json-syntax", "a.json:1:9"),
        ('{"apiVersion": "v1", "x": 9223372036854775808}', "number-too-large", "a.json:1:27"),
        ('{"x": 1e999}', "number-too-large", "a.json:1:1"),
        ('{"x": NaN}', "number-not-json", "a.json:1:1"),
        ('{"x": "\\ud800"}', "json-surrogate", "a.json:1:1"),
        ('{"x":' + "[" * 250 + "]" * 250 + "}", "json-too-deep", "a.json:1:205"),
        ('{"x":' + "[" * 100000, "json-too-deep", "a.json:1:205"),
    ],
    ids=["comma", "integer", "float", "nan", "surrogate", "deep", "very deep"],
)
def test_json_faults(text: str, code: str, place: str, tmp_path: Path) -> None:
    _write(tmp_path, {"a.json": text})
    with pytest.raises(ExceptionGroup) as caught:
        read_inputs(["a.json"], base=tmp_path)
    (fault,) = faults_of(caught)
    assert (fault.code, str(fault.location)) == (code, place)


def test_json_and_yaml_of_the_same_object_are_the_same(tmp_path: Path) -> None:
    _write(
        tmp_path,
        {
            "a.json": '{"apiVersion":"x.io/v1","kind":"X","metadata":{"name":"a"},'
            '"n":[1.0,1e3,1.5,-0.0,1e22,true,null,"\\u00e9"]}',
            "b.yaml": 'apiVersion: x.io/v1\nkind: X\nmetadata: {name: b}\n"n": [1.0, 1e3, 1.5, -0.0, 1e22, yes, , é]\n',
        },
    )
    _write(tmp_path, {"b.yaml": (tmp_path / "b.yaml").read_text(encoding="utf-8").replace(", ,", ", ~,")})
    first, second = read_inputs(["a.json", "b.yaml"], base=tmp_path).templates
    assert repr(first.manifest["n"]) == repr(second.manifest["n"]) == "[1, 1000, 1.5, 0, 1e+22, True, None, 'é']"


def test_fields_have_places(tmp_path: Path) -> None:
    _write(
        tmp_path, {"a.yaml": _config_map("a") + "---\n" + _config_map("b", ", labels: {x/y: z}") + "data:\n  k: v\n"}
    )
    template = read_inputs(["a.yaml"], base=tmp_path).templates[1]
    assert {pointer: str(place) for pointer, place in template.field_locations.items()} == {
        "/apiVersion": "a.yaml:5:13",
        "/kind": "a.yaml:6:7",
        "/metadata/name": "a.yaml:7:18",
        "/metadata/labels/x~1y": "a.yaml:7:35",
        "/data/k": "a.yaml:9:6",
    }


def test_a_default_namespace_and_a_clash(tmp_path: Path) -> None:
    _write(tmp_path, {"a.yaml": _config_map("a"), "b.yaml": _config_map("b", ", namespace: two")})
    both = read_inputs(["a.yaml", "b.yaml"], base=tmp_path, options=ReadOptions(default_namespace="one"))
    assert [str(template.ref) for template in both.templates] == ["ConfigMap one/a", "ConfigMap two/b"]
    assert both.templates[0].manifest["metadata"] == {"name": "a", "namespace": "one"}
    with pytest.raises(ExceptionGroup) as caught:
        read_inputs(["a.yaml", "b.yaml"], base=tmp_path, options=ReadOptions(namespace="one"))
    (fault,) = faults_of(caught)
    assert (fault.code, str(fault.location)) == ("namespace-clash", "b.yaml:3:32")
    assert fault.message == 'the namespace from the provided object "two" does not match the namespace "one"'


def test_policies_get_the_default_namespace_too(tmp_path: Path) -> None:
    head = "apiVersion: policy.karmada.io/v1alpha1\nkind: {}\nmetadata: {{name: p{}}}\nspec: {}\n"
    spread = "{resourceSelectors: [{apiVersion: v1, kind: ConfigMap}]}"
    documents = [
        head.format("PropagationPolicy", "", spread),
        head.format("OverridePolicy", "", "{overrideRules: []}"),
        head.format("ClusterPropagationPolicy", ", namespace: x", spread),
        head.format("OverridePolicy", ", namespace: two", "{overrideRules: []}"),
    ]
    _write(tmp_path, {"a.yaml": "---\n".join(documents[:3]), "b.yaml": documents[3]})
    inputs = read_inputs(["a.yaml"], base=tmp_path, options=ReadOptions(namespace="one"))
    assert [policy.namespace for policy in inputs.propagation_policies] == ["one", ""]
    assert [policy.namespace for policy in inputs.override_policies] == ["one"]
    assert [warning.code for warning in inputs.warnings] == ["namespace-ignored"]
    with pytest.raises(ExceptionGroup) as caught:
        read_inputs(["b.yaml"], base=tmp_path, options=ReadOptions(namespace="one"))
    assert [fault.code for fault in faults_of(caught)] == ["namespace-clash"]


def test_null_labels_are_empty_texts(tmp_path: Path) -> None:
    _write(tmp_path, {"a.yaml": _config_map("a", ", labels: {x: , z: ~}, annotations: ")})
    (template,) = read_inputs(["a.yaml"], base=tmp_path).templates
    assert template.manifest["metadata"] == {
        "name": "a",
        "labels": {"x": "", "z": ""},
        "annotations": None,
        "namespace": "default",
    }


def test_unsupported_kinds_can_be_left_out_but_are_named(tmp_path: Path) -> None:
    policy = "apiVersion: policy.karmada.io/v1alpha1\nkind: PropagationPolicy\nmetadata: {name: p}\nspec:\n"
    policy += "  resourceSelectors: [{apiVersion: v1, kind: ConfigMap}]\n  schedulerName: mine\n"
    other = "apiVersion: work.karmada.io/v1alpha1\nkind: Work\nmetadata: {name: w}\n"
    _write(tmp_path, {"a.yaml": f"{policy}---\n{other}---\n{_config_map('a')}"})
    inputs = read_inputs(["a.yaml"], base=tmp_path, options=ReadOptions(skip_unsupported=True))
    assert _names(inputs) == ["a"]
    assert inputs.propagation_policies == ()
    assert [(warning.code, str(warning.location)) for warning in inputs.warnings] == [
        ("unsupported-scheduler", "a.yaml:6:18"),
        ("unsupported-kind", "a.yaml:9:7"),
    ]


def test_policy_faults_are_policy_errors_with_the_nearest_name(tmp_path: Path) -> None:
    policy = (
        "apiVersion: policy.karmada.io/v1alpha1\nkind: OverridePolicy\nmetadata: {name: p}\nspec: {overideRules: []}\n"
    )
    _write(tmp_path, {"a.yaml": policy})
    with pytest.raises(ExceptionGroup) as caught:
        read_inputs(["a.yaml"], base=tmp_path)
    (fault,) = faults_of(caught)
    assert isinstance(fault, PolicyError)
    assert (fault.code, str(fault.location), fault.hint) == (
        "unknown-field",
        "a.yaml:4:8",
        "did you mean 'overrideRules'?",
    )


def test_policies_come_with_karmadas_defaults(tmp_path: Path) -> None:
    policy = "apiVersion: policy.karmada.io/v1alpha1\nkind: PropagationPolicy\nmetadata: {name: p, namespace: shop}\n"
    policy += "spec: {resourceSelectors: [{apiVersion: v1, kind: ConfigMap}], placement: {spreadConstraints: [{}]}}\n"
    _write(tmp_path, {"a.yaml": policy})
    (read,) = read_inputs(["a.yaml"], base=tmp_path).propagation_policies
    assert (read.spec.conflict_resolution, read.spec.preemption, read.spec.priority) == ("Abort", "Never", 0)
    assert read.spec.resource_selectors[0].namespace == "shop"
    assert str(read.location) == "a.yaml:1:1"


def test_the_digest_knows_no_secret_and_no_layout(tmp_path: Path) -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData: {{password: {}}}\n"
    note = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: a, annotations: {{{}: "{}"}}}}\n'
    last = "kubectl.kubernetes.io/last-applied-configuration"

    def digest(text: str) -> str:
        _write(tmp_path, {"a.yaml": text})
        return read_inputs(["a.yaml"], base=tmp_path).files[0].digest

    assert digest(secret.format("one")) == digest("# x\n" + secret.format("'two'"))
    assert digest(secret.format("one")) != digest(secret.format("one").replace("password", "other"))
    assert digest(note.format(last, "one")) == digest(note.format(last, "two"))
    assert digest(note.format("x", "one")) != digest(note.format("x", "two"))
    canonical = b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}\n'
    assert digest(_config_map("a")) == hashlib.sha256(canonical).hexdigest()


def test_lines_are_shown_but_not_those_of_secrets(tmp_path: Path) -> None:
    text = _config_map("a") + "data: {x: 4711}\n---\n" + _config_map("b").replace("ConfigMap", "Secret")
    text += "stringData: {x: 4712}\n---\n- 4713\n---\n" + _config_map("c") + f"data: {{x: 4714, y: {'y' * 300}}}\n"
    _write(tmp_path, {"a.yaml": text})
    with pytest.raises(ExceptionGroup) as caught:
        read_inputs(["a.yaml", "-", "no.yaml"], base=tmp_path, stdin=io.BytesIO(b"- 4715"))
    faults = faults_of(caught)
    assert len(faults) == 6
    excerpts = read_excerpts(faults, base=tmp_path)
    assert {str(place): line for place, line in excerpts.items()} == {
        "a.yaml:4:11": "data: {x: 4711}",
        "a.yaml:11:1": "- 4713",
    }


def test_a_helm_template_that_was_not_rendered_gets_a_hint(tmp_path: Path) -> None:
    _write(tmp_path, {"a.yaml": "apiVersion: v1\nkind: {{ .Values.kind }}\n"})
    with pytest.raises(ExceptionGroup) as caught:
        read_inputs(["a.yaml"], base=tmp_path)
    assert "helm template" in faults_of(caught)[0].hint


def test_places_in_json_stand_emoji(tmp_path: Path) -> None:
    head = '{"apiVersion": "example.com/v1", "kind": "X", "metadata": {"name": "a"},\n'
    _write(tmp_path, {"a.json": head + '\t"x": "\\ud83d\\ude00", "y": -9223372036854775808}'})
    (template,) = read_inputs(["a.json"], base=tmp_path).templates
    assert template.manifest["x"] == "\U0001f600"
    assert str(template.field_locations["/y"]) == "a.json:2:28"


def test_values_of_secrets_are_in_no_fault(tmp_path: Path) -> None:
    text = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {a: 4711, b: hunter2!}\nstringData: {c: 4711}\n"
    _write(tmp_path, {"a.yaml": text})
    with pytest.raises(ExceptionGroup) as caught:
        read_inputs(["a.yaml"], base=tmp_path)
    said = " ".join(f"{fault.message} {fault.hint} {fault.why}" for fault in faults_of(caught))
    assert len(faults_of(caught)) == 3
    assert "4711" not in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("kind", "size", "is_refused"),
    [("ConfigMap", 1024 * 1024, False), ("ConfigMap", 1024 * 1024 + 1, True), ("Wheel", 1600 * 1024, True)],
)
def test_objects_that_are_too_large_are_refused(kind: str, size: int, is_refused: bool, tmp_path: Path) -> None:
    version = "example.com/v1" if kind == "Wheel" else "v1"
    _write(
        tmp_path, {"a.yaml": f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: a}}\ndata: {{k: {'x' * size}}}\n"}
    )
    if not is_refused:
        assert _names(read_inputs(["a.yaml"], base=tmp_path)) == ["a"]
        return
    with pytest.raises(ExceptionGroup) as caught:
        read_inputs(["a.yaml"], base=tmp_path)
    assert [fault.code for fault in faults_of(caught)] == ["object-too-large"]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/gone":
            self.send_error(404)
            return
        body = b"<html>" if self.path == "/page" else _config_map("a").encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8" if self.path == "/page" else "text/plain")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("no_proxy", "*")
    with HTTPServer(("127.0.0.1", 0), _Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{listening.server_port}"
        listening.shutdown()
        thread.join()


def test_urls(server: str, tmp_path: Path) -> None:
    (template,) = read_inputs([f"{server}/a.yaml"], base=tmp_path).templates
    assert str(template.location) == f"{server}/a.yaml:1:1"


def test_urls_that_give_no_manifest(server: str, tmp_path: Path) -> None:
    with pytest.raises(ExceptionGroup) as caught:
        read_inputs([f"{server}/gone", f"{server}/page", "http://127.0.0.1:1/x"], base=tmp_path)
    assert sorted((fault.code, fault.message) for fault in faults_of(caught)) == [
        ("url-not-manifest", "the answer is a web page"),
        ("url-refused", "the server answered 404 Not Found"),
        ("url-unreachable", "no answer: [Errno 111] Connection refused"),
    ]


@pytest.mark.skipif(
    not SHARED.is_dir(), reason="../shared/inputs is not here: the manifests of other projects are not tried"
)
@pytest.mark.parametrize(
    ("folder", "templates", "policies", "overrides"),
    [
        ("argo-cd", 59, 0, 0),
        ("karmada-guestbook", 2, 2, 1),
        ("karmada-nginx", 1, 1, 1),
        ("kubefed-sample1", 14, 0, 0),
        ("kubefed-scheduling", 1, 0, 0),
        ("online-boutique", 35, 0, 0),
    ],
)
def test_real_manifests(folder: str, templates: int, policies: int, overrides: int) -> None:
    inputs = read_inputs([folder], base=SHARED)
    counts = (len(inputs.templates), len(inputs.propagation_policies), len(inputs.override_policies))
    assert counts == (templates, policies, overrides)
    assert not inputs.warnings
    assert all(template.field_locations for template in inputs.templates)
