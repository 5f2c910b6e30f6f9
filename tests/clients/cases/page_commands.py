"""The commands that the page offers are run as they stand: each of them publishes."""

import json
import shutil

from support.chromium import Chromium
from support.processes import Failure, need, wait_until

SECONDS = 120
ROWS = 'JSON.stringify([...document.querySelectorAll("#push-urls .url")].map((row) => [row.querySelector(".quiet").textContent, row.querySelector("code").textContent]))'


def run(test):
    need("ffmpeg", "gst-launch-1.0")
    server = test.server()
    shutil.copy(test.source(), test.folder / "input.mp4")  # ffmpeg goes by what is in it
    commands = commands_of(test, server)
    if len(commands) < 3:
        raise Failure(f"the page offers {commands}")
    for name, command in commands:
        push = test.start("push", ["bash", "-c", f"cd {test.folder} && exec {command}"])
        wait_until(f"live by {name}", lambda: "/live/it's-a-cam" in server.streams(), 30)
        server.wait_live("/live/it's-a-cam")
        push.end()
        server.wait_idle("/live/it's-a-cam")
    test.note(", ".join(name for name, _ in commands))


def commands_of(test, server):
    found = []
    with Chromium(test.processes) as browser:
        page = browser.open(server.http("?lang=en"))
        page.wait("the page is ready", 'document.querySelector("#push-tools button") !== null')
        page.value('(() => { const n = document.getElementById("name"); n.value = "it\'s a cam"; n.dispatchEvent(new Event("input")); })()')
        tools = page.value('JSON.stringify([...document.querySelectorAll("#push-tools button")].map((one) => one.id))')
        for tool in json.loads(tools):
            page.value(f'document.getElementById("{tool}").click()')
            found += [(f"{tool} {name}", value) for name, value in json.loads(page.value(ROWS)) if value.startswith(("ffmpeg ", "gst-launch"))]
    return found
