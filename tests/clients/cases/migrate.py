"""`weir migrate`: a file of nginx-rtmp and one of MediaMTX; what is made of them is checked by the server and plays a stream."""

from support import media
from support.ports import free_ports
from support.processes import Failure, wait_until
from support.server import listening

NGINX = """\
rtmp {{
  server {{
    listen {rtmp};
    application live {{ live on; hls on; hls_path {folder}/hls; hls_fragment 2s; record off;
      exec_play nothing; }}
  }}
}}
http {{ server {{ listen 80; }} }}
"""

MEDIAMTX = """\
rtmpAddress: 127.0.0.1:{rtmp}
hlsAddress: 127.0.0.1:{http}
webrtcAddress: 127.0.0.1:{api}
webrtc: no
srt: no
rtsp: no
paths:
  all_others:
"""


def run(test):
    for kind, text in (("nginx.conf", NGINX), ("mediamtx.yml", MEDIAMTX)):
        rtmp, http, api = free_ports(3)
        source, made = test.folder / kind, test.folder / f"{kind}.made"
        source.write_text(text.format(rtmp=rtmp, http=http, api=api, folder=test.folder))
        refused = test.run("foreign", [test.program, "-t", "-c", source], status=None)
        if refused.popen.returncode == 0 or "weir migrate" not in refused.text():
            raise Failure(f"{kind} is not recognised: {refused.text()}")
        account = test.run("migrate", [test.program, "migrate", source, "-o", made]).text()
        if "lost" not in account or f"{kind}:" not in account:
            raise Failure(f"there is no account: {account}")
        again = test.run("again", [test.program, "migrate", source, "-o", made], status=1).text()
        if "exists" not in again:
            raise Failure(f"a file that is there was written over: {again}")
        test.run("check", [test.program, "-t", "-c", made])
        # Two ports are nginx's own and not in its file.
        made.write_text(made.read_text().replace("listen 8080", f"listen {http}").replace("listen 1985", f"listen {api}"))
        server = test.start("server", [test.program, "-c", made], cwd=test.folder)
        wait_until("it listens", lambda: listening(rtmp))
        test.push(test.source(), f"rtmp://127.0.0.1:{rtmp}/live/cam", loop=True)
        packets = test.run("play", media.packets_command(f"http://127.0.0.1:{http}/live/cam.flv", count=50), seconds=60)
        if len(media.packets_of(packets)) < 50:
            raise Failure(f"{kind}: the stream does not play")
        server.end()
    test.note("nginx-rtmp and MediaMTX: recognised, migrated, checked, played")
