"""GStreamer pushes by rtmp2sink and plays by rtmp2src."""

from support import media
from support.processes import Failure, need


def run(test):
    need("gst-launch-1.0")
    server = test.server()
    test.start("gst-push", [
        "gst-launch-1.0", "-q", "videotestsrc", "is-live=true", "!", "video/x-raw,width=640,height=360,framerate=25/1", "!",
        "x264enc", "tune=zerolatency", "speed-preset=ultrafast", "key-int-max=25", "!", "h264parse", "!", "queue", "!", "mux.",
        "audiotestsrc", "is-live=true", "!", "audio/x-raw,rate=44100,channels=2", "!", "avenc_aac", "!", "aacparse", "!", "queue",
        "!", "mux.", "flvmux", "name=mux", "streamable=true", "!", "rtmp2sink", f"location={server.rtmp('live/gst')}"])
    server.wait_live("/live/gst")
    probe = test.run("probe", media.packets_command(server.rtmp("live/gst"), count=150))
    kinds = [p[0] for p in media.packets_of(probe)]
    if kinds.count("video") < 40 or kinds.count("audio") < 40:
        raise Failure(f"of GStreamer's stream ffprobe saw {kinds.count('video')} video, {kinds.count('audio')} audio packets")

    # Each decoded picture becomes 256 bytes of grey, so the file's size is their number.
    out = test.folder / "pictures.gray"
    player = test.start("gst-play", [
        "gst-launch-1.0", "-q", "rtmp2src", f"location={server.rtmp('live/gst')}", "!", "flvdemux", "name=demux", "demux.video", "!",
        "queue", "!", "h264parse", "!", "avdec_h264", "!", "videoconvert", "!", "videoscale", "!",
        "video/x-raw,format=GRAY8,width=16,height=16", "!", "identity", "eos-after=60", "!", "filesink", f"location={out}",
        "buffer-mode=unbuffered"])
    player.wait(30)
    pictures = out.stat().st_size // 256 if out.exists() else 0
    if pictures < 50:
        raise Failure(f"GStreamer decoded {pictures} pictures\n{player.tail()}")
    test.note(f"pushed; {pictures} pictures decoded by rtmp2src")
