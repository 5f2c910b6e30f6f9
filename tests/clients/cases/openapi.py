"""The description of the API as tools take it: no word of redocly's, and types from openapi-typescript that a program is checked with."""

import json
import urllib.error
import urllib.request

from support.processes import Failure, Skip, need
from support.server import ROOT

SECONDS = 120
TOOLS = ROOT / "tests/clients/node_modules"
PROGRAM = """\
import type {operations, paths} from './api';

type Streams = paths['/api/v1/streams']['get']['responses'][200]['content']['application/json'];
type Refused = operations['listStreams']['responses'][403]['content']['application/json'];

export const names = (answer: Streams): string[] => answer.streams.map((one) => `${one.app}/${one.name}: ${one.clients}`);
export const why = (answer: Refused): string => `${answer.code}: ${answer.message}`;
"""


def errors_have_words(server):
    """What refuses says why, as the document has it."""
    for path, method in (("/api/v1/streams/none", "GET"), ("/api/v1/clients/none", "DELETE"), ("/api/v1/streams", "POST"), ("/api/v1/dvrs/none", "POST"),
                         ("/api/v1/raw?rpc=none", "GET"), ("/api/v1/streams?callback=a-b(", "GET"), ("/api/v1/perf", "GET")):
        request = urllib.request.Request(f"http://127.0.0.1:{server.ports['api']}{path}", method=method)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                status, body, kind = answer.status, answer.read(), answer.headers["Content-Type"]
        except urllib.error.HTTPError as refusal:
            status, body, kind = refusal.code, refusal.read(), refusal.headers["Content-Type"]
        told = json.loads(body) if kind == "application/json" else {}
        if not told.get("code") or not told.get("message"):
            raise Failure(f"{method} {path}: {status}, {kind}: {body[:200]}")


def run(test):
    need("node")
    if not (TOOLS / "@redocly/cli").is_dir():
        raise Skip("redocly is not there (scripts/setup --test)")
    server = test.server()
    errors_have_words(server)
    with urllib.request.urlopen(f"http://127.0.0.1:{server.ports['api']}/api/v1/openapi.json", timeout=30) as answer:
        text = answer.read()
    (test.folder / "openapi.json").write_bytes(text)
    lint = test.run("redocly", ["node", TOOLS / "@redocly/cli/bin/cli.js", "lint", "--format=github-actions", test.folder / "openapi.json"], seconds=60,
                    env={"PATH": "/usr/bin:/bin:/usr/local/bin", "REDOCLY_TELEMETRY": "off", "CI": "true"})
    said = [line for line in lint.text().splitlines() if line.startswith("::")]
    if said:
        raise Failure("\n".join(said[:10]))
    test.run("types", ["node", TOOLS / "openapi-typescript/bin/cli.js", test.folder / "openapi.json", "-o", test.folder / "api.d.ts"], seconds=60)
    (test.folder / "program.ts").write_text(PROGRAM)
    test.run("tsc", ["node", TOOLS / "typescript/bin/tsc", "--noEmit", "--strict", "--target", "es2022", "--skipLibCheck", test.folder / "program.ts"], seconds=60)
    test.note(f"{len(json.loads(text)['paths'])} paths without a word of redocly's, and types of them")
