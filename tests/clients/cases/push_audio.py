"""push { audio FILE; }: what another Weir and a receiver of UDP get has the source's pictures and the sound of a file of three seconds, over and over: another tone than the source's, decoded
without a fault, its times even across the loop; a source without sound has it, too. weir -t refuses a file that is none, with its line."""

import re
import subprocess

from support import media
from support.ports import free_port
from support.processes import Failure, need, wait_until

SECONDS = 150


def far_server(test, name, **options):
    folder = test.folder / name
    folder.mkdir(exist_ok=True)
    port = free_port()
    server = test.make_server(folder=folder, rtmp_listen=port, **options)
    server.ports["rtmp"] = port
    server.config = folder / "weir.conf"
    server.write_config()
    return server.start()


def tone(test, what, path):
    """The frequency of what is heard: that of zero crossings, of a second in the middle."""
    said = test.run(f"tone-{what}", ["ffmpeg", "-nostdin", "-v", "info", "-ss", "2", "-t", "1", "-i", path, "-vn", "-af",
                                     "astats=measure_perchannel=none:measure_overall=Zero_crossings_rate", "-f", "null", "-"], 30).text()
    rate = float(re.search(r"Zero crossings rate: ([\d.]+)", said).group(1))
    return rate * 44100 / 2


def check(test, what, url, seconds=9):
    path = test.folder / f"{what}.ts"
    test.run(f"record-{what}", ["ffmpeg", "-nostdin", "-v", "error", "-y", "-i", url, "-t", seconds, "-c", "copy", path], 90)
    packets = media.packets_of(test.run(f"packets-{what}", media.packets_command(path), 60))
    sound = [dts for kind, dts, *_ in packets if kind == "audio"]
    pictures = [dts for kind, dts, *_ in packets if kind == "video"]
    steps = {b - a for a, b in zip(sound, sound[1:])}
    even = 90_000 * 1024 / 44100
    if len(sound) < seconds * 38 or len(pictures) < seconds * 20 or any(abs(step - even) > 100 for step in steps):
        raise Failure(f"{what}: {len(sound)} frames of sound that step by {sorted(steps)[:9]} ticks, {len(pictures)} pictures")
    decoded = test.run(f"decode-{what}", ["ffmpeg", "-nostdin", "-v", "error", "-xerror", "-i", path, "-f", "null", "-"], 60)
    if decoded.text().strip():
        raise Failure(f"{what}: {decoded.text()}")
    heard = tone(test, what, path)
    if not 860 < heard < 900:
        raise Failure(f"{what}: a tone of {heard:.0f} Hz is heard, and not 880")
    test.note(f"{what}: {len(pictures)} pictures, {len(sound)} frames of {heard:.0f} Hz, evenly {min(steps)} to {max(steps)} ticks apart")


def refused(test, server):
    text = server.config.read_text()
    bad = test.folder / "bad.conf"
    (test.folder / "files" / "bad.aac").write_bytes(b"this is no sound" * 100)
    bad.write_text(text.replace("audio music.aac", "audio bad.aac", 1))
    line = next(i for i, one in enumerate(bad.read_text().splitlines(), 1) if "bad.aac" in one)
    said = subprocess.run([server.program, "-t", "-c", bad], capture_output=True, text=True, timeout=30, check=False)
    wanted = f"{bad}:{line}: audio 'bad.aac' of push: the file is no AAC in ADTS"
    if said.returncode == 0 or wanted not in said.stderr:
        raise Failure(f"weir -t of a bad file: {said.returncode} {said.stderr}")
    test.note(f"weir -t: {wanted.removeprefix(str(test.folder))}")


def run(test):
    need("ffmpeg", "ffprobe")
    files = test.folder / "files"
    files.mkdir()
    test.run("music", ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", "sine=frequency=880:sample_rate=44100", "-t", "3", "-c:a", "aac", "-b:a", "64k", files / "music.aac"], 30)
    far = far_server(test, "far")
    udp = free_port()
    near = test.server(dir=files, vhost=f"""push live/cam {{ url rtmp://127.0.0.1:{far.ports['rtmp']}/live/there; audio music.aac; }}
push live/cam {{ url udp://127.0.0.1:{udp}; audio music.aac; }}
push live/mute {{ url rtmp://127.0.0.1:{far.ports['rtmp']}/live/mute; audio music.aac; }}""")
    test.push(test.source(), near.rtmp(), loop=True)
    far.wait_live("/live/there", seconds=60)
    check(test, "rtmp", far.rtmp("live/there"))
    check(test, "udp", f"udp://127.0.0.1:{udp}?timeout=20000000")
    test.push(test.source(), near.rtmp("live/mute"), "-an", loop=True)
    far.wait_live("/live/mute", seconds=60)
    check(test, "mute", far.rtmp("live/mute"))
    wait_until("all are sent", lambda: [row["state"] for row in near.api("/api/v1/forwards/")["forwards"]] == ["sending"] * 3, 30)
    refused(test, near)
    near.stop()
    far.stop()
