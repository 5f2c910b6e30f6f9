#!/usr/bin/env python3
"""Rules of the tree that the compiler does not see: includes follow trunk/LAYERS, sessions never include one another, the
core is free of Asio, headers of nlohmann, no file is over 500 lines, and tests wait for conditions instead of sleeping. Prints each breach and fails."""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".")
trunk = root / "trunk"
include = re.compile(r'^\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')

allowed = {}
for line in (trunk / "LAYERS").read_text().splitlines():
    line = line.split("#")[0].strip()
    if line:
        name, _, rest = line.partition(":")
        allowed[name.strip()] = set(rest.split()) | {name.strip()}

without_asio = {"base", "codec", "media", "sound", "format", "proto", "config"}
asio_in_headers = {"net"}
asio = ("boost/asio", "boost/beast")
faults = []

for path in sorted(trunk.rglob("*")):
    if path.suffix not in (".h", ".cpp"):
        continue
    relative = path.relative_to(trunk)
    layer = relative.parts[0]
    if layer not in allowed:
        faults.append(f"{relative}: folder '{layer}' is not in trunk/LAYERS")
        continue
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = include.match(line)
        if not match:
            continue
        own, foreign = match.groups()
        where = f"trunk/{relative}:{number}"
        if own:
            target = own.split("/")
            if target[0] not in allowed[layer]:
                faults.append(f"{where}: {layer} may not include {own}")
            if layer == "session" and target[0] == "session" and target[1] not in (relative.parts[1], "common"):
                faults.append(f"{where}: a session may not include another: {own}")
        elif foreign.startswith(asio):
            if layer in without_asio:
                faults.append(f"{where}: {layer} is sans-io and may not include {foreign}")
            elif path.suffix == ".h" and layer not in asio_in_headers:
                faults.append(f"{where}: no Asio in a header outside net/: {foreign}")
        elif foreign.startswith("nlohmann/") and path.suffix == ".h" and not foreign.endswith("json_fwd.hpp"):
            faults.append(f"{where}: no nlohmann in a header")

for folder in ("trunk", "plugins", "tests", "research", "scripts"):
    for path in sorted((root / folder).rglob("*")):
        if "node_modules" in path.parts or "vendor" in path.parts or "corpus" in path.parts:
            continue
        if path.suffix in (".h", ".cpp", ".c", ".ts", ".js", ".mjs", ".py", ".html", ".css") and path.is_file():
            count = len(path.read_text(errors="replace").splitlines())
            if count > 500:
                faults.append(f"{path.relative_to(root)}: {count} lines, over 500")

# Time belongs to the test: what has a clock is given one, and the one wait for other threads is test::soon().
sleeps = re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep)\b|::sleep\(")
for folder in ("tests/unit", "tests/scenario", "tests/support"):
    for path in sorted((root / folder).rglob("*")):
        if path.suffix not in (".h", ".cpp") or path.name == "soon.h":
            continue
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if sleeps.search(line):
                faults.append(f"{path.relative_to(root)}:{number}: a test does not sleep; see tests/support/soon.h")

for fault in faults:
    print(fault)
print(f"{len(faults)} faults")
sys.exit(1 if faults else 0)
