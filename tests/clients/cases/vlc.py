"""VLC plays by RTMP and by HTTP-FLV: its decoder's pictures reach its video output."""

from support.processes import Failure, need


def pictures(test, url, name):
    place = test.folder / name
    place.mkdir()
    place.chmod(0o777)
    vlc = test.start("vlc", ["vlc", "-I", "dummy", "--no-dbus", "--no-audio", "--vout=vdummy", "--video-filter=scene",
                             "--scene-format=png", "--scene-ratio=5", f"--scene-path={place}", "--network-caching=300",
                             "--run-time=5", "--play-and-exit", "-v", url, "vlc://quit"], unprivileged=True)
    vlc.expect(0, 30)
    count = len(list(place.glob("*.png")))
    if count < 10:
        raise Failure(f"VLC showed {count} pictures (one kept in five) of {name} in 5 s\n{vlc.tail(25)}")
    test.note(f"{name}: {count} pictures, one kept in five")


def run(test):
    need("vlc")
    server = test.server()
    test.push(test.source(), server.rtmp(), loop=True)
    server.wait_live()
    pictures(test, server.rtmp(), "RTMP")
    pictures(test, server.http(), "HTTP-FLV")
