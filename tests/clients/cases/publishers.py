"""One name, one publisher: a second is refused and told so, the first goes on; when it leaves another may come, and an RTMP
player stays. Kicked clients go."""

from support import media
from support.flv import FlvPlayer
from support.processes import Failure, wait_until


def run(test):
    server = test.server()
    source = test.source()
    first = test.push(source, server.rtmp(), loop=True)
    server.wait_live()
    player = FlvPlayer(server.ports["http"])
    player.wait_tags(20)

    second = test.push(source, server.rtmp(), loop=True)
    if second.wait(30) == 0:
        raise Failure("a second publisher of the same name was not refused")
    post = test.start("post", media.push_command(source, server.http(), "-method", "POST", loop=True))
    if post.wait(30) == 0:
        raise Failure("a second publisher by POST was not refused")
    player.wait_tags(player.count + 50)
    if not first.running() or player.error:
        raise Failure("the first publisher or its player suffered")

    # An RTMP player outlives its publisher and goes on with the next.
    recorded = test.folder / "recorded.flv"
    viewer = test.start("viewer", ["ffmpeg", "-nostdin", "-v", "error", "-i", server.rtmp(), "-c", "copy", "-f", "flv", recorded])
    wait_until("the RTMP player plays", lambda: recorded.exists() and recorded.stat().st_size > 20_000)
    first.end()
    server.wait_idle()
    again = test.push(source, server.rtmp(), loop=True)
    server.wait_live()
    size = recorded.stat().st_size
    wait_until("the RTMP player goes on with the new publisher", lambda: recorded.stat().st_size > size + 50_000)
    if not viewer.running():
        raise Failure(f"the RTMP player ended\n{viewer.tail()}")

    publisher = next(entry for entry in server.clients() if entry["publish"])
    server.api(f"/api/v1/clients/{publisher['id']}", method="DELETE")
    if again.wait(30) == 0:
        raise Failure("a kicked publisher saw no error")
    kicked = next(entry for entry in server.clients() if not entry["publish"])
    server.api(f"/api/v1/clients/{kicked['id']}", method="DELETE")
    wait_until("the kicked player has gone", lambda: not viewer.running())
    wait_until("nobody is left", lambda: not server.clients())
