"""DVR and bad disks: a full one, a read-only one, a folder that is deleted. Each ends that recording with an error that names the file,
keeps what is whole, and touches neither the stream nor the other recordings."""

import os
import shutil
import subprocess
import time

from cases.live_formats import packets, probe_command
from support import media
from support.processes import Failure, Skip, wait_until

SECONDS = 90


def mount(folder, *options):
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", ",".join(options), "tmpfs", folder], capture_output=True, text=True)
    if done.returncode:
        raise Skip(f"mount: {done.stderr.strip()}")


def recordings(server):
    return {row["vhost"]: row for row in server.api("/api/v1/dvrs/")["dvrs"]}


def check(test, server, push):
    wanted = {"full": "No space left on device", "readonly": "Read-only file system", "gone": "the file was deleted"}

    def failed():
        rows = recordings(server)
        return all(rows[ids[name]]["state"] == "failed" for name in wanted) and rows

    time.sleep(2)
    ids = {v["name"]: v["id"] for v in server.api("/api/v1/vhosts/")["vhosts"]}
    shutil.rmtree(test.folder / "gone/live")
    rows = wait_until("the three recordings have failed", failed, 30)
    for name, why in wanted.items():
        text = rows[ids[name]]["error"]
        if why not in text or str(test.folder / name) not in text:
            raise Failure(f"{name}: the error is '{text}'")
        test.note(text)
    if rows[ids["good"]]["state"] != "recording":
        raise Failure(f"the recording beside them is {rows[ids['good']]}")
    totals = server.api("/api/v1/dvrs/")["totals"]
    if totals["failures"] != 3 or totals["recordings"] != 1:
        raise Failure(f"totals {totals}")
    # The stream goes on as if nothing had been.
    probe = test.run("probe", media.packets_command(server.http("live/cam.flv?vhost=full"), count=100))
    if len(media.packets_of(probe)) < 90:
        raise Failure("the stream of the recording that failed does not play")
    kept = next((test.folder / "full").rglob("*.mp4"))
    got = packets(test.run("probe", probe_command(kept)))
    test.note(f"kept of the full disk: {kept.stat().st_size} bytes, {len(got)} packets")
    if len(got) < 200:
        raise Failure(f"{kept} has {len(got)} packets")
    # Room again: the API starts it anew.
    kept.unlink()
    if server.api("/api/v1/dvrs/start?vhost=full&app=live&stream=cam", method="POST")["code"] != 0:
        raise Failure("the recording did not start anew")
    wait_until("it records again", lambda: recordings(server)[ids["full"]]["state"] == "recording")
    push.end()


def run(test):
    if os.geteuid() != 0:
        raise Skip("mounting a small disk needs root")
    mounts = [test.folder / "full", test.folder / "readonly"]
    names = ("full", "readonly", "gone", "good")
    try:
        mount(mounts[0], "size=1m")
        mount(mounts[1], "size=1m", "ro")
        top = "".join(f"\nvhost {n} {{ http_remux {{ enabled on; }} dvr {{ enabled on; "
                      f"dvr_path {test.folder}/{n}/[app]/[stream].[timestamp].mp4; }} }}" for n in names)
        server = test.server(top=top)
        pushes = [test.push(test.source(), server.rtmp(f"live/cam?vhost={n}"), loop=True) for n in names]
        server.wait_live("full/live/cam")
        check(test, server, pushes[-1])
        for push in pushes:
            push.end()
        server.stop()
    finally:
        for place in mounts:
            subprocess.run(["umount", place], capture_output=True)
