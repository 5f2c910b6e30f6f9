"""ingest without a program: a stream is fetched from FFmpeg as an HTTP server in FLV and in MPEG-TS, from Python, from a file of each kind, which is played over
and over, and from a program; every packet is one of the source's, and nothing of the program is left in the end."""

import http.server
import threading
import time

from cases.ingest import own_ffmpegs
from support import media
from support.ports import free_ports
from support.processes import Failure, Skip, need, wait_until

SECONDS = 300


def serve_by_python(path):
    """An HTTP server that sends the file again and again in chunks, a little at a time."""
    data = path.read_bytes()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            try:
                while True:
                    for at in range(0, len(data), 1880):
                        piece = data[at:at + 1880]
                        self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
                        time.sleep(0.02)
            except OSError:
                pass

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def check(test, server, name, hashes, count=150):
    """What is played is made of the packets of the source."""
    server.wait_live(f"/live/{name}", 60)
    player = test.start(f"play-{name}", media.packets_command(server.rtmp(f"live/{name}"), count))
    if player.wait(90) != 0:
        raise Failure(f"{name} cannot be played\n{player.tail()}")
    got = media.packets_of(player)
    video = [packet for packet in got if packet[0] == "video"]
    strange = [packet for packet in got if packet[3] not in hashes]
    if strange or len(video) < count // 4:
        raise Failure(f"{name}: {len(strange)} of {len(got)} packets are none of the source's, {len(video)} pictures")
    times = [packet[1] for packet in video]
    if times != sorted(times):
        raise Failure(f"{name}: time goes back")
    test.note(f"{name}: {len(got)} packets")


def run(test):
    need("ffmpeg", "ffprobe")
    if test.peer:
        raise Skip("about Weir alone")
    source = test.source(4)
    media_folder = test.folder / "media"
    media_folder.mkdir()
    for kind in ("flv", "mp4", "ts"):
        test.run(f"make-{kind}", ["ffmpeg", "-v", "error", "-y", "-i", source, "-c", "copy", media_folder / f"a.{kind}"], 30)
    hashes = {packet[3] for packet in media.packets_of_file(test.processes, source)}
    flv, ts = free_ports(2)
    python = serve_by_python(media_folder / "a.ts")
    program = f"ffmpeg -v error -nostdin -re -stream_loop -1 -i {source} -c copy -f mpegts -"
    urls = {"flv": f"http://127.0.0.1:{flv}/a.flv", "ts": f"http://127.0.0.1:{ts}/a", "python": f"http://127.0.0.1:{python}/a",
            "file_flv": "file:a.flv", "file_mp4": "file:a.mp4", "file_ts": "file:a.ts", "program": f'"exec:{program}"'}
    for name, port, form in (("flv", flv, "flv"), ("ts", ts, "mpegts")):
        test.start(f"serve-{name}", ["ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", source, "-c", "copy", "-f", form,
                                     "-listen", "1", f"http://127.0.0.1:{port}/a"])
    vhost = "".join(f"ingest {name} {{ enabled on; input {{ type stream; url {url}; }} }}\n" for name, url in urls.items())
    server = test.make_server(vhost=vhost, top=f"ff_log_dir {test.folder};", dir=media_folder)
    server.start()
    # The bytes of AAC are the same in all; those of pictures in MPEG-TS have start codes, and become FLV's again.
    for name in ("flv", "file_flv", "file_mp4"):
        check(test, server, name, hashes)
    for name in ("ts", "python", "file_ts", "program"):
        server.wait_live(f"/live/{name}", 60)
        played = test.run(f"decode-{name}", ["ffmpeg", "-v", "error", "-nostdin", "-i", server.rtmp(f"live/{name}"), "-t", "5", "-f", "null",
                                             "-progress", "-", "-"], 90)
        if "frame=" not in played.text():
            raise Failure(f"{name}: nothing was decoded")
    rows = {row["stream"]: row for row in server.api("/api/v1/sources/")["sources"]}
    if sorted(rows) != sorted(urls) or any(row["state"] != "receiving" for row in rows.values()):
        raise Failure(f"not all are received: {[(name, row['state'], row['error']) for name, row in rows.items()]}")
    server.stop()
    test.servers.remove(server)
    wait_until("nothing of the program is left", lambda: not [pid for pid in own_ffmpegs("mpegts -") if pid], 30)
