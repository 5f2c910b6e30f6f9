"""HEVC in BT.2020 and PQ by Enhanced RTMP from FFmpeg, whose SEI were taken out, so that only its colour packet says how bright it is: HLS, DASH and a
recording tell it, as ffprobe reads them."""

import json
import re
import time

from support.matrix_outputs import SEVEN
from support.processes import Failure, Skip, need, wait_until

SECONDS = 90
SCREEN = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"
COLOURS = "colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc"


def told(test, name, path):
    """What a player knows before the first picture: {side data type: values} of the video."""
    text = test.run(name, ["ffprobe", "-v", "error", "-select_streams", "v",
                           "-show_entries", "stream_side_data", "-of", "json", path]).text()
    sides = json.loads(text[text.find("{"):])["streams"][0].get("side_data_list", [])
    return {side.pop("side_data_type"): side for side in sides}


def check(test, name, path):
    found = told(test, name, path)
    level, screen = found.get("Content light level metadata"), found.get("Mastering display metadata")
    if not level or not screen:
        raise Failure(f"{name}: only {sorted(found)} are told")
    if (level["max_content"], level["max_average"]) != (1000, 400) or eval(screen["max_luminance"]) != 1000 or eval(screen["red_x"]) != 0.68:
        raise Failure(f"{name}: {level} {screen}")


def run(test):
    need("ffmpeg", "ffprobe", "curl")
    if not SEVEN.exists():
        raise Skip("the FFmpeg of tests/clients/package.json is not installed (scripts/setup --test)")
    made, bare = test.folder / "made.mp4", test.folder / "bare.mp4"
    test.run("make", [SEVEN, "-v", "error", "-y", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=8", "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt",
                      "yuv420p10le", "-x265-params", f"log-level=none:keyint=25:bframes=0:{COLOURS}:{SCREEN}:hdr10=1", "-tag:v", "hvc1", made], 60)
    # Pictures without SEI; the file's boxes keep what they said, and FFmpeg makes the colour packet of them.
    test.run("bare", [SEVEN, "-v", "error", "-y", "-i", made, "-c", "copy", "-bsf:v", "filter_units=remove_types=39|40", "-tag:v", "hvc1", bare], 30)
    server = test.server(vhost="hls { enabled on; hls_fragment 1; hls_window 30; hls_use_fmp4 on; hls_to_disk off; } "
                               "dash { enabled on; dash_fragment 1; dash_window_size 30; } "
                               f"dvr {{ enabled on; dvr_plan session; dvr_path {test.folder}/[stream].mp4; }}")
    push = test.start("push", [SEVEN, "-hide_banner", "-v", "warning", "-re", "-i", bare, "-c", "copy", "-f", "flv", server.rtmp("live/bright")])
    server.wait_live("/live/bright")
    time.sleep(5)

    def get(path):
        return test.run("get", ["curl", "-s", server.http(path)]).text()

    master = get("live/bright.m3u8")
    if "VIDEO-RANGE=PQ" not in master:
        raise Failure(f"the multivariant playlist has no VIDEO-RANGE=PQ: {master}")
    playlist = get("live/" + re.search(r"\n(?:/live/)?([^#\n]+)\n", master)[1])
    init = re.search('EXT-X-MAP:URI="([^"]+)"', playlist)[1]
    segment = [line for line in playlist.splitlines() if line and not line.startswith("#")][0]
    for name, parts in (("hls", (init, segment)), ("dash", ("bright/video-init.mp4", "bright/video-0.m4s"))):
        files = [test.folder / f"{name}-{number}" for number in range(len(parts))]
        for file, part in zip(files, parts):
            test.run(f"get-{file.name}", ["curl", "-s", "-f", "-o", file, server.http(f"live/{part}")])
        whole = test.folder / f"{name}.mp4"
        whole.write_bytes(b"".join(file.read_bytes() for file in files))
        check(test, name, whole)
    push.expect(0, 20)
    recording = test.folder / "bright.mp4"
    wait_until("the recording is there", recording.exists, 10)
    check(test, "recording", recording)
    if b"btrt" not in recording.read_bytes():
        raise Failure("the recording does not say its rates")
    test.note("1000 and 400 cd/m2 and the screen's primaries by HLS, DASH and a recording, from a colour packet alone")
