"""Firefox, the second browser: it publishes by WHIP (VP8 and Opus, its fake camera) and plays the same by WHEP. Without H.264, which it
downloads."""

import json

from support import firefox
from support.ports import free_port
from support.processes import Failure
from support.webrtc import SCRIPT

SECONDS = 150

PAGE = """<!doctype html><title>Firefox</title><body><script>
const tell = (what) => fetch("/", {method: "POST", body: JSON.stringify(what)});
%(script)s
const count = async (peer, type, kind, field) => {
  for (const one of (await peer.getStats()).values()) if (one.type === type && one.kind === kind) return one[field] || 0;
  return 0;
};
const connected = async (peer, began) => {
  while (peer.connectionState !== "connected") {
    if (peer.connectionState === "failed") throw new Error("the connection failed");
    await new Promise((done) => setTimeout(done, 10));
  }
  return Math.round(performance.now() - began);
};
const until = async (condition, limit) => {
  const end = performance.now() + limit;
  while (!(await condition()) && performance.now() < end) await new Promise((done) => setTimeout(done, 100));
};
(async () => {
  try {
    let began = performance.now();
    await window.whip(%(whip)s, "VP8", true);
    const publisher = window.peer, publish_ms = await connected(publisher, began);
    await until(async () => await count(publisher, "outbound-rtp", "video", "framesEncoded") > 50, 20000);
    began = performance.now();
    await window.whep(%(whep)s);
    const player = window.peer, play_ms = await connected(player, began);
    const first_ms = Math.round(await Promise.race([window.firstFrame, new Promise((d) => setTimeout(d, 20000, -1))]));
    const decoded = () => count(player, "inbound-rtp", "video", "framesDecoded");
    const heard = () => count(player, "inbound-rtp", "audio", "packetsReceived");
    began = performance.now();
    await until(async () => await decoded() > 200 && await heard() > 400, 40000);
    await tell({publish_ms, play_ms, first_ms, decoded: await decoded(), heard: await heard(),
                took_ms: Math.round(performance.now() - began),
                lost: await count(player, "inbound-rtp", "video", "packetsLost")});
  } catch (error) {
    await tell({error: String(error), answer: window.answer});
  }
})();
</script>"""


def run(test):
    program = firefox.able()
    server = test.server(top=f"rtc_server {{ enabled on; listen {free_port()}; }}", vhost="rtc { enabled on; }",
                         http_server="crossdomain on;")
    page = PAGE % {"script": SCRIPT, "whip": json.dumps(server.http("live/fox/whip")), "whep": json.dumps(server.http("live/fox/whep"))}
    with firefox.Told(page) as told:
        browser = firefox.start(test, program, told.url)
        figures = told.next(110, browser)
        test.note(f"Firefox: {figures}")
        if "error" in figures or figures["first_ms"] < 0 or figures["decoded"] <= 200 or figures["heard"] <= 400:
            raise Failure(f"Firefox says {figures}\n{server.process.tail(20)}")
        browser.end()
    server.wait_idle("/live/fox", 45)
    server.alive()
    server.check_log()
