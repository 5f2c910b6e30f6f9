"""29 kinds of input in 11 outputs: every frame as it was sent, its time, its key flag, and the offset between the tracks. Inputs are FLV that is pushed
by HTTP at its pace; outputs are read by FFmpeg."""

import socket
import time

from support import matrix_inputs, matrix_outputs
from support.flv import AUDIO, FlvPlayer
from support.processes import Failure, need, wait_until

SECONDS = 120
ALONE = True  # what is sent late because others are busy is not what is looked at

HLS = "hls {{ enabled on; hls_fragment 1; hls_window 60; hls_to_disk off; hls_recover off; hls_ctx off; {0} }}"
DVR = "dvr {{ enabled on; dvr_plan session; dvr_path {0}/[vhost]/[stream].{1}; }}"
HOSTS = {"fmp4.matrix": ("hls_use_fmp4 on;", "flv"), "ll-ts.matrix": ("hls_low_latency on;", "ts"),
         "ll-fmp4.matrix": ("hls_low_latency on; hls_use_fmp4 on;", None)}


class Push:
    """One stream on its way by HTTP POST, in chunks."""

    def __init__(self, server, host, name, data):
        self.name, self.data = f"{name} to {host}", list(data)
        self.next = 0
        self.socket = socket.create_connection(("127.0.0.1", server.ports["http"]), 10)
        self.socket.sendall(f"POST /live/{name}.flv HTTP/1.1\r\nHost: {host}\r\nContent-Type: video/x-flv\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n".encode())

    def send(self, now):
        due = b""
        while self.next < len(self.data) and self.data[self.next][0] <= now:
            due += self.data[self.next][1]
            self.next += 1
        if due:
            try:
                self.socket.sendall(f"{len(due):x}\r\n".encode() + due + b"\r\n")
            except OSError:
                raise Failure(f"{self.name} was not let go on: {self.socket.recv(1000).decode(errors='replace')}") from None
        if self.next < len(self.data):
            return True
        self.socket.sendall(b"0\r\n\r\n")
        return False


def publish(server, inputs):
    """All of them, to every host, at their pace."""
    pushes = [Push(server, host, name, one.tags()) for name, one in inputs.items() for host in ("127.0.0.1", *HOSTS)]
    going, begin = list(pushes), time.monotonic()
    while going:
        now = time.monotonic() - begin
        going = [push for push in going if push.send(now)]
        time.sleep(0.01)
    for push in pushes:
        push.socket.settimeout(10)
        push.socket.recv(1000)
        push.socket.close()


def right(test, name, one):
    """The frames as they should come: the same file with the times that are right."""
    path = test.folder / f"{name}.right.flv"
    first = min(frame.right for frame in one.frames)
    data = [matrix_inputs.tag_bytes(tag.kind, 0, tag.body) for tag in one.headers]
    for frame in sorted(one.frames, key=lambda frame: frame.right):
        data.append(matrix_inputs.tag_bytes(frame.kind, frame.right - first, frame.plain))
    flags = sum({AUDIO: 4}.get(kind, 1) for kind in one.kinds)
    path.write_bytes(b"FLV\x01" + bytes([flags]) + b"\0\0\0\x09\0\0\0\0" + b"".join(data))
    return matrix_outputs.frames_of(test, f"{name}.right.list", path, one.codec, one.audio)


def collect(test, server, name, one, live):
    """{output: (frames, pieces)} of one input."""
    out, folder = {}, test.folder
    for end, player in live.items():
        file = folder / f"{name}.live.{end}"
        file.write_bytes(player.raw)
        out[end] = (matrix_outputs.frames_of(test, f"{name}.{end}.list", file, one.codec, one.audio), 1)
    plain = matrix_outputs.Fetcher(server)
    for output, host in (("hls-ts", "127.0.0.1"), ("hls-fmp4", "fmp4.matrix"), ("ll-ts", "ll-ts.matrix"), ("ll-fmp4", "ll-fmp4.matrix")):
        if one.takes(output):
            out[output] = matrix_outputs.hls(test, matrix_outputs.Fetcher(server, host), f"{name}.{output}", f"/live/{name}.m3u8", one.codec, one.audio, folder)
    out["dash"] = matrix_outputs.dash(test, plain, f"{name}.dash", f"/live/{name}.mpd", one.codec, one.audio, folder)
    for host, end in (("__defaultVhost__", "mp4"), ("fmp4.matrix", "flv"), ("ll-ts.matrix", "ts")):
        file = folder / host / f"{name}.{end}"
        if one.takes(f"dvr-{end}"):
            out[f"dvr-{end}"] = (matrix_outputs.frames_of(test, f"{name}.dvr-{end}.list", file, one.codec, one.audio), 1) if file.exists() else ([], 0)
    return {output: found for output, found in out.items() if one.takes(output)}


def run(test):
    need("ffmpeg")
    inputs = matrix_inputs.inputs(matrix_inputs.bases(test))
    hosts = "".join(f"vhost {host} {{ http_remux {{ enabled on; mount [vhost]/[app]/[stream].flv; }} {HLS.format(options)} {DVR.format(test.folder, end) if end else ''} }}\n" for host, (options, end) in HOSTS.items())
    server = test.server(top=hosts, workers=1, vhost=HLS.format("") + " dash { enabled on; dash_fragment 1; dash_window_size 60; } " +
                         DVR.format(test.folder, "mp4"))
    live = {name: {end: FlvPlayer(server.ports["http"], f"/live/{name}.{end}", raw=True) for end in ("flv", "ts", "mp4") if one.takes(end)}
            for name, one in inputs.items()}
    began = time.monotonic()
    publish(server, inputs)
    for players in live.values():
        for player in players.values():
            player.join(10)
    wait_until("recordings are complete", lambda: not list(test.folder.glob("*/*.tmp")), 10)
    sent = time.monotonic()

    def judge(name, one):
        wanted = right(test, name, one)
        faults = []
        for output, (frames, pieces) in collect(test, server, name, one, live[name]).items():
            late = one.late if output in live[name] else matrix_inputs.AT_ONCE
            wrong = matrix_outputs.differences(wanted, frames, one.drift, late)
            if pieces > one.pieces:
                wrong.append(f"{pieces} pieces")
            faults += [f"{name} in {output}: {'; '.join(wrong)}"] if wrong else []
        return len(wanted), faults

    results = matrix_outputs.in_parallel([lambda name=name, one=one: judge(name, one) for name, one in inputs.items()])
    faults = [fault for _, found in results for fault in found]
    test.note(f"{len(inputs)} inputs, {sum(count for count, _ in results)} frames, {sent - began:.0f} s to send and {time.monotonic() - sent:.0f} s to compare")
    if faults:
        raise Failure("\n".join(faults))
