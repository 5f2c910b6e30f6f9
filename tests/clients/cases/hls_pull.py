"""HLS as a source: what FFmpeg writes in MPEG-TS, in fragmented MP4 and by AES-128, live and as a film, and Weir's own; every packet is one of the source's."""

import http.server
import threading

from support import media
from support.processes import Failure, Skip, need, wait_until

SECONDS = 240


def serve(folder):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *arguments):
            super().__init__(*arguments, directory=str(folder))

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def run(test):
    need("ffmpeg", "ffprobe")
    if test.peer:
        raise Skip("about Weir alone")
    source = test.source(8)
    folder = test.folder / "web"
    folder.mkdir()
    (folder / "key.bin").write_bytes(bytes(range(16)))
    info = test.folder / "key.info"
    port = serve(folder)
    info.write_text(f"http://127.0.0.1:{port}/key.bin\n{folder / 'key.bin'}\n")
    kinds = {"ts": [], "mp4": ["-hls_segment_type", "fmp4", "-hls_fmp4_init_filename", "init.mp4"], "aes": ["-hls_key_info_file", info]}
    for name, options in kinds.items():
        for form in ("film", "live"):
            place = folder / f"{name}_{form}"
            place.mkdir()
            if form == "film":
                test.run(f"make-{name}", ["ffmpeg", "-v", "error", "-y", "-i", source, "-c", "copy", "-f", "hls", "-hls_time", "2",
                                          "-hls_playlist_type", "vod", *options, place / "a.m3u8"], 30)
            else:
                test.start(f"live-{name}", ["ffmpeg", "-v", "error", "-nostdin", "-re", "-stream_loop", "-1", "-i", source, "-c", "copy", "-f", "hls",
                                            "-hls_time", "1", "-hls_list_size", "8", "-hls_flags", "delete_segments", *options, place / "a.m3u8"])
                wait_until(f"live HLS of {name}", lambda place=place: (place / "a.m3u8").exists(), 30)
    (test.folder / "origin").mkdir()
    origin = test.make_server(folder=test.folder / "origin", vhost="hls { enabled on; hls_fragment 1; hls_window 15; }")
    origin.config = test.folder / "origin" / "weir.conf"
    origin.write_config()
    origin.start()
    test.start("encoder", media.push_command(source, origin.rtmp("live/cam"), loop=True))
    urls = {f"{name}_{form}": f"http://127.0.0.1:{port}/{name}_{form}/a.m3u8" for name in kinds for form in ("film", "live")}
    urls["weir"] = origin.http("live/cam.m3u8")
    server = test.make_server(vhost="".join(f"source live/{name} {{ url {url}; }}\n" for name, url in urls.items()))
    server.start()
    # The bytes of sound are the same in all; those of pictures in MPEG-TS have start codes, and become FLV's again.
    hashes = {packet[3] for packet in media.packets_of_file(test.processes, source) if packet[0] == "audio"}
    for name in urls:
        server.wait_live(f"/live/{name}", 60)
        player = test.start(f"play-{name}", media.packets_command(server.rtmp(f"live/{name}"), 300))
        if player.wait(90) != 0:
            raise Failure(f"{name} cannot be played\n{player.tail()}")
        got = media.packets_of(player)
        sound = [packet for packet in got if packet[0] == "audio"]
        strange = [packet for packet in sound if packet[3] not in hashes]
        if strange or len(sound) < 50:
            raise Failure(f"{name}: {len(strange)} of {len(sound)} packets of sound are none of the source's")
        video = [packet[1] for packet in got if packet[0] == "video"]
        if len(video) < 50 or video != sorted(video):
            raise Failure(f"{name}: {len(video)} pictures, or time goes back")
        decoded = test.run(f"decode-{name}", ["ffmpeg", "-v", "error", "-nostdin", "-i", server.rtmp(f"live/{name}"), "-t", "4", "-f", "null",
                                              "-progress", "-", "-"], 90).text()
        if "frame=" not in decoded:
            raise Failure(f"{name}: nothing was decoded")
        test.note(f"{name}: {len(got)} packets")
