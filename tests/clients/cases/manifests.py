"""The files for Kubernetes and Compose below docker/ keep the schemas of what they are: types, and no field that there is not. The same with a mistake in
it is told of. And what they name is there: each ConfigMap, Secret, Service and Deployment, and each setting of the server is one."""

import re

from support.processes import Failure, Skip, need
from support.server import ROOT

SECONDS = 120
TOOLS = ROOT / "tests/clients/node_modules"
DOCKER = ROOT / "docker"


def check(test, mode, files):
    tool = test.start(f"manifests-{mode}", ["node", ROOT / "tests/clients/support/manifests.mjs", mode, *files])
    return tool.wait(60), tool.text()


def is_told_of(test, mode, name, text, what):
    bad = test.folder / name
    bad.write_text(text)
    status, said = check(test, mode, [bad])
    if status == 0 or what not in said:
        raise Failure(f"{what!r} is not told of: {said}")


def names_exist(manifests):
    text = "\n".join(file.read_text() for file in manifests)
    made = {(kind, name) for kind, name in re.findall(r"^kind: (\w+)\nmetadata:\n  name: ([\w-]+)", text, re.M)}
    for pattern, kind in ((r"configMapRef: \{name: ([\w-]+)\}", "ConfigMap"), (r"secretKeyRef: \{name: ([\w-]+)", "Secret")):
        for name in re.findall(pattern, text):
            if (kind, name) not in made:
                raise Failure(f"there is no {kind} {name}")
    return len(made)


def settings_exist(files):
    """SRS_REGISTRY_ADDRESS is registry { address }, as conf/full.conf has it."""
    known = set(re.findall(r"^\s*#?\s*([a-z][a-z0-9_]*)\b", (ROOT / "conf/full.conf").read_text(), re.M))
    count = 0
    for file in files:
        for name in re.findall(r"\bSRS_([A-Z0-9_]+)\b", file.read_text()):
            count += 1
            words = name.lower().split("_")
            if not any("_".join(words[i:]) in known for i in range(len(words))):
                raise Failure(f"{file.relative_to(ROOT)}: SRS_{name} is no setting")
    return count


def run(test):
    need("node")
    if test.peer:
        raise Skip("about Weir alone")
    if not (TOOLS / "kubernetes-models").is_dir():
        raise Skip("kubernetes-models is missing: scripts/setup --test")
    manifests, compose = sorted(DOCKER.glob("kubernetes/*.yaml")), sorted(DOCKER.rglob("compose.yaml"))
    for mode, files in (("kubernetes", manifests), ("compose", compose)):
        status, said = check(test, mode, files)
        if status != 0:
            raise Failure(f"{mode}: {said}")
        test.note(f"{mode}: {said.strip()} in {len(files)} files")
    weir = (DOCKER / "kubernetes/weir.yaml").read_text()
    is_told_of(test, "kubernetes", "type.yaml", weir.replace("replicas: 3", "replicas: three"), "replicas must be integer")
    is_told_of(test, "kubernetes", "field.yaml", weir.replace("readinessProbe:", "readynessProbe:"), "there is no spec.template.spec.containers.0.readynessProbe")
    is_told_of(test, "kubernetes", "kind.yaml", weir.replace("kind: Deployment", "kind: Deploymint", 1), "there is no Deploymint of apps/v1")
    cluster = (DOCKER / "cluster/compose.yaml").read_text()
    is_told_of(test, "compose", "field-compose.yaml", cluster.replace("depends_on:", "depend_on:"), "depend_on")
    test.note(f"{names_exist(manifests)} things that name one another, {settings_exist(manifests + compose)} settings")
