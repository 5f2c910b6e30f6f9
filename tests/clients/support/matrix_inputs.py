"""Streams of the kinds that cameras, phones and tired encoders send, made of a few encoded files: what is sent when, and what is right."""

import random

from . import media
from .flv import AUDIO, SCRIPT, VIDEO, TagReader
from .matrix_outputs import SEVEN

SECONDS = 6
AT_ONCE = 0.03  # sound may begin so much behind its picture: it has frames of its own
SIZE = ["-f", "lavfi", "-i", f"testsrc2=s=160x90:r=25:d={SECONDS}"]
NOISE = ["-f", "lavfi", "-i", f"anoisesrc=r=44100:a=0.2:seed=1:d={SECONDS}"]  # no two frames of it are equal
X264 = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-sc_threshold", "0"]


class Base:
    """The tags of a file; frames are numbered by kind."""

    def __init__(self, data):
        reader = TagReader()
        reader.feed(data)
        self.script = next(tag for tag in reader.tags if tag.kind == SCRIPT)
        tags = [tag for tag in reader.tags if tag.kind != SCRIPT]
        self.headers = [tag for tag in tags if is_header(tag)]
        self.frames = [tag for tag in tags if not is_header(tag) and len(tag.body) > 5]


def is_header(tag):
    if tag.kind == VIDEO and tag.body[0] & 0x80:  # Enhanced RTMP: packet type 0 is the sequence header
        return tag.body[0] & 15 in (0, 2)
    return tag.is_header() or (tag.kind == VIDEO and tag.body[1] == 2)


def bases(test):
    """{name: Base}; each file is made once for all cases."""
    wanted = {
        "b2": ["ffmpeg", *SIZE, *NOISE, *X264, "-g", "25", "-bf", "2", *media.AAC],
        "b0": ["ffmpeg", *SIZE, *NOISE, *X264, "-g", "25", "-bf", "0", *media.AAC],
        "gop4": ["ffmpeg", *SIZE, *NOISE, *X264, "-g", "100", "-bf", "0", *media.AAC],
        "slow": ["ffmpeg", *SIZE, *NOISE, "-r", "5", *X264, "-g", "5", "-bf", "0", *media.AAC],
        "fast": ["ffmpeg", "-f", "lavfi", "-i", f"testsrc2=s=160x90:r=60:d={SECONDS}", *NOISE, *X264, "-g", "60", "-bf", "2", *media.AAC],
        "mp3": ["ffmpeg", *SIZE, *NOISE, *X264, "-g", "25", "-bf", "0", "-c:a", "libmp3lame"],
        "hevc": [SEVEN, *SIZE, *NOISE, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none:keyint=25:bframes=0", *media.AAC],
        "av1": [SEVEN, *SIZE, *NOISE, "-c:v", "libsvtav1", "-preset", "12", "-g", "25", "-svtav1-params", "pred-struct=1", *media.AAC],
    }
    made, running = {}, {}
    for name, command in wanted.items():
        path = test.shared / f"matrix-{name}.flv"
        if command[0] is SEVEN and not SEVEN.exists():
            continue
        made[name] = path
        if not path.exists():
            command = [command[0], "-v", "error", "-y", *command[1:], "-threads", "1", "-f", "flv", path]
            running[name] = test.start(f"make-{name}", command)
    for process in running.values():
        process.expect(0, 40)
    return {name: Base(path.read_bytes()) for name, path in made.items()}


class Sent:
    """One frame: when it is sent, with which time and body, and when it is meant to be shown."""

    def __init__(self, tag):
        self.kind, self.at, self.stamp, self.body, self.right = tag.kind, tag.time, tag.time, tag.body, tag.time
        self.plain = tag.body  # as it is once it is mended


class Input:
    """`drift` is how far single frames may be from where they are right, in seconds; `pieces` how many discontinuities make, at most; `late` how much of
    the begin players of live formats may miss, in seconds: of sound that is sent before its picture, and of a stream that waits for a
    track that is usual."""

    def __init__(self, base, change=lambda frames: frames, drift=0.0, without=(), only=None, pieces=1, late=AT_ONCE, codec="h264", audio="aac"):
        self.base, self.drift, self.only, self.pieces, self.late, self.codec, self.audio = base, drift, only, pieces, late, codec, audio
        frames = [Sent(tag) for tag in base.frames if tag.kind not in without]
        self.frames = sorted(change(frames), key=lambda frame: frame.at)
        self.headers = [tag for tag in base.headers if tag.kind not in without]
        self.kinds = sorted({frame.kind for frame in self.frames})

    def takes(self, output):
        return self.only is None or output in self.only

    def tags(self):
        """(seconds from the begin, bytes) in order."""
        first = min(frame.at for frame in self.frames)
        begin = self.frames[0].stamp
        yield 0, b"FLV\x01\x05\0\0\0\x09\0\0\0\0" + tag_bytes(SCRIPT, begin, self.base.script.body)
        for tag in self.headers:
            yield 0, tag_bytes(tag.kind, begin, tag.body)
        for frame in self.frames:
            yield (frame.at - first) / 1000, tag_bytes(frame.kind, frame.stamp, frame.body)


def tag_bytes(kind, time, body):
    time %= 1 << 32
    head = bytes([kind]) + len(body).to_bytes(3, "big") + (time & 0xffffff).to_bytes(3, "big") + bytes([time >> 24, 0, 0, 0])
    return head + body + (len(body) + 11).to_bytes(4, "big")


def each(change, kind=None):
    """Every frame, or those of a kind, changed in place."""
    def run(frames):
        for frame in frames:
            if kind in (None, frame.kind):
                change(frame)
        return frames
    return run


def shifted(milliseconds):
    return each(lambda frame: setattr(frame, "stamp", frame.stamp + milliseconds))


def without(kind, begin, end):
    return lambda frames: [frame for frame in frames if not (frame.kind in kind and begin <= frame.right < end)]


def jitter(kind, most):
    dice = random.Random(7)
    last = {}

    def change(frame):
        frame.stamp = max(frame.stamp + dice.randint(-most, most), last.get(frame.kind, -1) + 1, 0)
        frame.right = frame.stamp
        last[frame.kind] = frame.stamp
    return each(change, kind)


def stray(kind, number, by):
    def change(frames):
        frame = [frame for frame in frames if frame.kind == kind][number]
        frame.stamp += by
        return frames
    return change


def jump(at, by):
    return each(lambda frame: setattr(frame, "stamp", frame.stamp + (by if frame.right >= at else 0)))


def sent_early(kind, by):
    return each(lambda frame: setattr(frame, "at", frame.at - by), kind)


def stalled(begin, end):
    """The network stands still, and then everything comes at once."""
    return each(lambda frame: setattr(frame, "at", max(frame.at, end) if begin <= frame.at < end else frame.at))


def thinned(frames):
    dice = random.Random(3)  # reference frames only: each picture can be decoded
    return [frame for frame in frames if frame.kind == AUDIO or frame.body[0] >> 4 == 1 or dice.random() < 0.6]


def units(change):
    def run(frame):
        head, rest, out = frame.body[:5], frame.body[5:], b""
        while rest:
            size = int.from_bytes(rest[:4], "big")
            out += change(rest[4:4 + size])
            rest = rest[4 + size:]
        frame.body = head + out
    return each(run, VIDEO)


def inputs(base):
    """{name: Input}"""
    b0, b2 = base["b0"], base["b2"]
    all_of = {
        "steady": Input(b2),
        "no-b-frames": Input(b0),
        "long-gop": Input(base["gop4"]),
        "five-a-second": Input(base["slow"]),
        "sixty-a-second": Input(base["fast"]),
        "mp3": Input(base["mp3"], audio="mp3"),
        "video-only": Input(b2, without=(AUDIO,), late=1.1, pieces=2),
        "audio-only": Input(b2, without=(VIDEO,), late=1.1, pieces=2),
        "video-jitter": Input(b0, jitter(VIDEO, 8)),
        "audio-jitter": Input(b0, jitter(AUDIO, 8), drift=0.024),
        "gap": Input(b0, without((AUDIO, VIDEO), 2000, 4000)),
        "audio-gap": Input(b0, without((AUDIO,), 2000, 4000)),
        "video-gap": Input(b0, without((VIDEO,), 2000, 4000)),
        "audio-lead": Input(b2, sent_early(AUDIO, 450), late=0.45),
        "video-lead": Input(b2, sent_early(VIDEO, 300)),
        "audio-begins-late": Input(b2, without((AUDIO,), 0, 400)),
        "video-begins-late": Input(b2, without((VIDEO,), 0, 600)),
        "stray-picture": Input(b0, stray(VIDEO, 90, 3_600_000)),
        "stray-sound": Input(b0, stray(AUDIO, 150, -10_000), drift=0.03),
        "wrap": Input(b2, shifted((1 << 32) - 3000)),
        "begins-high": Input(b2, shifted(10_000_000)),
        "jump-on": Input(b0, jump(3000, 3_600_000), drift=0.08),
        "jump-back": Input(b0, jump(3000, -3000), drift=0.08),
        "variable-rate": Input(b0, thinned),
        "stall": Input(b2, stalled(2000, 4000)),
        "start-codes": Input(b0, units(lambda unit: b"\0\0\0\1" + unit)),
        "empty-units": Input(b0, units(lambda unit: b"\0\0\0\0" + len(unit).to_bytes(4, "big") + unit)),
    }
    if "hevc" in base:
        all_of["hevc"] = Input(base["hevc"], codec="hevc")
    if "av1" in base:
        all_of["av1"] = Input(base["av1"], codec="av1", only=("mp4", "hls-fmp4", "ll-fmp4", "dash", "dvr-mp4"))
    return all_of


