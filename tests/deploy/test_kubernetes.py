"""The manifests and the Helm chart: what they set is what the server knows; rendered where `helm` or `kubectl` is."""

import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from chatdouble.core.environment import PREFIX
from chatdouble.core.head import OPEN
from chatdouble.scripts.lint import lint
from chatdouble.scripts.reading.load import parse
from chatdouble.settings import load
from pages import ROOT

CHART: Final = ROOT / "deploy/helm"
BASE: Final = ROOT / "deploy/kustomize/base"
REPLICAS: Final = ROOT / "deploy/kustomize/replicas"
VERSION: Final[str] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
VALUES: Final = """
replicas: 2
secret: keys
scripts:
  hello.yaml: |
    rules: [{when: {user: ping}, reply: pong}]
autoscaling: {enabled: true}
serviceMonitor: {enabled: true}
redis: {enabled: true, storage: 1Gi}
"""


def documents(text: str) -> list[dict[str, Any]]:
    """Return the documents of a YAML text."""
    return [one for one in yaml.safe_load_all(text) if one]


def run(*command: str | Path) -> str:
    """Return what a program prints; the test is skipped where it is not installed."""
    if shutil.which(str(command[0])) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout


def plain() -> list[dict[str, Any]]:
    """Return the manifests of both kustomizations as they are written."""
    kustomizations = [
        (folder, yaml.safe_load((folder / "kustomization.yaml").read_text())) for folder in (BASE, REPLICAS)
    ]
    named = [folder / name for folder, one in kustomizations for name in one["resources"] if name.endswith(".yaml")]
    return [one for path in named for one in documents(path.read_text("utf-8"))]


def chart(*options: str | Path) -> list[dict[str, Any]]:
    """Return what the chart renders."""
    return documents(run("helm", "template", "double", CHART, "--kube-version", "1.30.0", *options))


def pods(manifests: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the pods that manifests describe."""
    for one in manifests:
        if one["kind"] in ("Deployment", "StatefulSet"):
            yield one["spec"]["template"]["spec"]


def check(manifests: list[dict[str, Any]]) -> None:
    """Check what holds for every way to deploy."""
    by_kind = {one["kind"]: one for one in manifests if "redis" not in one["metadata"]["name"]}
    deployed = by_kind["Deployment"]["spec"]["template"]
    (container,) = deployed["spec"]["containers"]
    variables = {one["name"]: one["value"] for one in container["env"]}
    settings = load({}, variables)
    assert all(name.startswith(PREFIX) for name in variables)
    assert deployed["spec"]["terminationGracePeriodSeconds"] > settings.shutdown_timeout
    assert [one["containerPort"] for one in container["ports"]] == [settings.port]
    paths = {container[f"{probe}Probe"]["httpGet"]["path"] for probe in ("startup", "liveness", "readiness")}
    assert paths == {"/health", "/ready"}
    assert paths <= OPEN
    assert by_kind["Service"]["spec"]["selector"].items() <= deployed["metadata"]["labels"].items()
    for pod in pods(manifests):
        assert pod["enableServiceLinks"] is False
        assert pod["automountServiceAccountToken"] is False
        assert pod["securityContext"]["runAsNonRoot"] is True
        for one in pod["containers"]:
            secured = {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert one["securityContext"] == secured
            assert one["resources"]["limits"]["memory"]


def test_the_plain_manifests_start_the_server_as_its_settings_are() -> None:
    check(plain())


def test_the_kustomizations_name_files_that_exist_and_the_current_version() -> None:
    base = yaml.safe_load((BASE / "kustomization.yaml").read_text())
    assert base["images"] == [{"name": "chatdouble", "newTag": VERSION}]
    scripts = [name for one in base["configMapGenerator"] for name in one["files"]]
    for name in scripts:
        assert lint(parse((BASE / name).read_text("utf-8"))) == []
    patch = yaml.safe_load((REPLICAS / "state.yaml").read_text())
    (container,) = patch["spec"]["template"]["spec"]["containers"]
    state = load({}, {one["name"]: one["value"] for one in container["env"]}).state
    services = [one["metadata"]["name"] for one in plain() if one["kind"] == "Service"]
    assert state.removeprefix("redis://").partition(":")[0] in services


@pytest.mark.parametrize(("folder", "replicas"), [(BASE, 1), (REPLICAS, 2)])
def test_kustomize_builds_them(folder: Path, replicas: int) -> None:
    built = documents(run("kubectl", "kustomize", folder))
    check(built)
    assert [one["spec"]["replicas"] for one in built if one["kind"] == "Deployment"] == [replicas]
    assert all(
        one["metadata"]["labels"]["app.kubernetes.io/name"] == "chatdouble"
        for one in built
        if "labels" in one["metadata"]
    )


def test_the_chart_has_the_version_of_the_server_and_settings_that_it_knows() -> None:
    described = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert (described["version"], described["appVersion"]) == (VERSION, VERSION)
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert load({}, values["settings"]).log_format == "json"


def test_the_chart_is_without_findings_and_renders_one_pod_by_default() -> None:
    run("helm", "lint", "--strict", CHART)
    rendered = chart()
    assert sorted(one["kind"] for one in rendered) == ["Deployment", "Service"]
    check(rendered)


def test_the_chart_renders_all_that_it_has(tmp_path: Path) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(VALUES)
    rendered = chart("--values", values)
    kinds = [
        "ConfigMap",
        "Deployment",
        "HorizontalPodAutoscaler",
        "Service",
        "Service",
        "ServiceMonitor",
        "StatefulSet",
    ]
    assert sorted(one["kind"] for one in rendered) == kinds
    check(rendered)
    (scripts,) = (one for one in rendered if one["kind"] == "ConfigMap")
    assert lint(parse(scripts["data"]["hello.yaml"])) == []


def test_the_chart_refuses_several_pods_without_a_shared_state() -> None:
    with pytest.raises(subprocess.CalledProcessError) as refused:
        chart("--set", "replicas=2")
    assert "Several pods need a shared state" in refused.value.stderr
