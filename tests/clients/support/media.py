"""Files to push, and what came out of them: packets and decoded frames, by ffmpeg's own tools."""

import json
import os
import pathlib

from .processes import Failure, need

PICTURE = ["-f", "lavfi", "-i", "testsrc2=s=640x360:r=25"]
SOUND = ["-f", "lavfi", "-i", "sine=frequency=440:sample_rate=44100"]
H264 = ["-c:v", "libx264", "-preset", "veryfast", "-g", "25", "-keyint_min", "25", "-sc_threshold", "0", "-pix_fmt", "yuv420p"]
AAC = ["-c:a", "aac", "-b:a", "96k"]


def make(processes, path, seconds=8, b_frames=0):
    """An FLV of H.264 and AAC with a key frame each second. Made once, under the name given."""
    need("ffmpeg", "ffprobe")
    path = pathlib.Path(path)
    if not path.exists():
        part = path.with_suffix(f".part{processes.folder.name}")
        processes.run("make", ["ffmpeg", "-v", "error", "-y", *PICTURE, *SOUND, "-t", seconds, *H264, "-bf", b_frames, *AAC,
                               "-f", "flv", part], seconds=60)
        part.rename(path)
    return path


def push_command(source, url, *more, loop=False, program="ffmpeg", form="flv"):
    """ffmpeg pushing a file as it is, in real time."""
    again = ["-stream_loop", "-1"] if loop else []
    return [program, "-hide_banner", "-nostdin", "-v", "warning", "-re", *again, "-i", source, "-c", "copy", *more, "-f", form,
            url]


def packets_command(url, count=None, options=(), program="ffprobe"):
    limit = ["-read_intervals", f"%+#{count}"] if count else []
    return [program, "-v", "error", *options, "-show_packets", "-show_data_hash", "md5", "-show_entries",
            "packet=codec_type,pts,dts,flags,size,data_hash", *limit, "-of", "json", url]


def packets_of(process):
    """[(kind, dts, pts, hash)] from the output of packets_command."""
    text = process.text()
    start = text.find("{")
    try:
        found = json.loads(text[start:])["packets"] if start >= 0 else []
    except (ValueError, KeyError):
        found = []
    return [(p["codec_type"], int(p.get("dts", p.get("pts", 0))), int(p.get("pts", p.get("dts", 0))), p["data_hash"], p["flags"])
            for p in found]


def packets_of_file(processes, path):
    return packets_of(processes.run("packets", packets_command(path)))


def same_packets(wanted, got, what, first=True, last=True):
    """`got` is a run of the packets of `wanted` with the same bytes and times, each kind for itself, from the first sent
    (`first`) to the last sent (`last`). Times may differ by one amount, the same for all. Gives that amount in milliseconds."""
    shifts = set()
    for kind in ("video", "audio"):
        left = [p for p in wanted if p[0] == kind]
        right = [p for p in got if p[0] == kind]
        if not right:
            raise Failure(f"{what}: no {kind} packet came")
        at = next((index for index, p in enumerate(left) if p[3] == right[0][3]), None)
        # A player begins on a key frame: audio that was sent before the first picture is not for it.
        early = sum(p[0] == kind for p in wanted[: next(i for i, p in enumerate(wanted) if p[0] == "video")])
        if at is None or (first and at > early):
            raise Failure(f"{what}: the first {kind} packet is not the first sent but {at}")
        if len(right) > len(left) - at or (last and len(right) != len(left) - at):
            raise Failure(f"{what}: {len(right)} {kind} packets came of {len(left) - at}")
        for index, (a, b) in enumerate(zip(left[at:], right)):
            if a[3] != b[3]:
                raise Failure(f"{what}: {kind} packet {index} has other bytes (dts {b[1]}, wanted {a[1]})")
            if b[1] - a[1] != b[2] - a[2]:
                raise Failure(f"{what}: {kind} packet {index}: dts {b[1]} pts {b[2]}, sent dts {a[1]} pts {a[2]}")
            shifts.add(b[1] - a[1])
    if len(shifts) != 1:
        raise Failure(f"{what}: times are shifted by different amounts: {sorted(shifts)[:8]} ms")
    return shifts.pop()


def decode_command(url, out, *options, program="ffmpeg", frames=None):
    """Decodes every frame to a list of checksums; any error in the stream fails it."""
    limit = ["-frames:v", str(frames)] if frames else []
    return [program, "-hide_banner", "-nostdin", "-v", "error", "-xerror", *options, "-i", url, "-map", "0:v?", "-map", "0:a?",
            *limit, "-fps_mode", "passthrough", "-f", "framecrc", "-y", out]


def frames_of(path):
    """{stream index: [checksum]} of a framecrc file."""
    frames = {}
    for line in pathlib.Path(path).read_text().splitlines():
        if not line.startswith("#"):
            fields = [field.strip() for field in line.split(",")]
            frames.setdefault(int(fields[0]), []).append(fields[5])
    return frames


def count_frames(processes, path, name="count"):
    """Video frames in a file, decoded."""
    process = processes.run(name, ["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries",
                                   "stream=nb_read_frames", "-of", "csv=p=0", path], seconds=30, status=None)
    digits = "".join(c for c in (process.text().splitlines() or ["0"])[0] if c.isdigit())
    return int(digits or 0)


def own_ffmpegs(mark):
    """Processes whose command line has the mark."""
    found = []
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if words and words[0].endswith(b"ffmpeg") and mark.encode() in b" ".join(words):
            found.append(int(entry))
    return found
