"""The HTTP server's own work, by curl: page, HEAD, ranges, ETag, keep-alive, CORS, and paths that lead out."""

import socket

from support.processes import Failure, need


def endless_head(server):
    """A head without an end is cut off long before it costs memory."""
    sent = 0
    with socket.create_connection(("127.0.0.1", server.ports["http"]), 5) as made:
        try:
            made.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            while sent < 20_000_000:
                made.sendall(b"X: " + b"y" * 8000 + b"\r\n")
                sent += 8005
        except OSError:
            pass
    if sent >= 20_000_000:
        raise Failure("a head of 20 MB was read to its end")


def run(test):
    need("curl")
    site = test.folder / "site"
    (site / "sub").mkdir(parents=True)
    (test.folder / "secret.txt").write_text("secret")
    (site / "index.html").write_text("<h1>home</h1>")
    (site / "sub/index.html").write_text("<h1>sub</h1>")
    (site / "data.bin").write_bytes(bytes(range(256)) * 40)
    server = test.server(dir=site)

    def curl(path, *options):
        process = test.run("curl", ["curl", "-sS", "--path-as-is", "--max-time", "5", "-i", *options, server.http(path)])
        head, _, body = process.text().partition("\r\n\r\n")
        lines = head.split("\r\n")
        return int(lines[0].split()[1]), {k.lower(): v.strip() for k, _, v in (l.partition(":") for l in lines[1:])}, body

    def expect(what, got, wanted):
        if got != wanted:
            raise Failure(f"{what}: {got!r}, expected {wanted!r}")

    status, headers, body = curl("")
    expect("/", (status, body), (200, "<h1>home</h1>"))
    expect("type of /", headers["content-type"].split(";")[0], "text/html")
    expect("/sub/", curl("sub/")[2], "<h1>sub</h1>")
    status, headers, body = curl("data.bin", "-I")
    expect("HEAD", (status, headers["content-length"], body), (200, "10240", ""))
    tag = headers.get("etag")
    if not tag:
        raise Failure("no ETag")
    expect("If-None-Match", curl("data.bin", "-H", f"If-None-Match: {tag}")[0], 304)
    status, headers, body = curl("data.bin", "-H", "Range: bytes=65-68")
    expect("Range", (status, headers["content-range"], body), (206, "bytes 65-68/10240", "ABCD"))
    expect("Range beyond the end", curl("data.bin", "-H", "Range: bytes=20000-")[0], 416)
    expect("missing file", curl("nothing.html")[0], 404)
    for path in ("../secret.txt", "sub/../../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "sub/%2e%2e/%2e%2e/secret.txt",
                 "..%5csecret.txt", "%00../secret.txt", ".%2e/secret.txt"):
        process = test.run("curl", ["curl", "-sS", "--path-as-is", "--max-time", "5", "-i", server.http(path)], status=None)
        if "secret" in process.text().partition("\r\n\r\n")[2]:
            raise Failure(f"{path} leads out of the folder")
    expect("CORS", curl("", "-H", "Origin: http://elsewhere.example")[1].get("access-control-allow-origin"), "*")
    expect("OPTIONS", curl("", "-X", "OPTIONS", "-H", "Origin: http://elsewhere.example")[0], 200)
    twice = test.run("curl", ["curl", "-sS", "-v", "-o", "/dev/null", "-o", "/dev/null", server.http(""), server.http("data.bin")])
    if "Re-using existing connection" not in twice.text():
        raise Failure(f"the connection is not kept alive\n{twice.tail(25)}")
    expect("flood of header", test.run("curl", ["curl", "-sS", "--max-time", "5", "-o", "/dev/null", "-w", "%{http_code}", "-H",
                                                "X: " + "y" * 100_000, server.http("")], status=None).text()[:1], "4")
    long_path = test.run("curl", ["curl", "-sS", "--max-time", "5", "-o", "/dev/null", "-w", "%{http_code}",
                                  server.http("x" * 60_000 + ".flv")], status=None)
    expect("flood of path", long_path.text()[:1], "4")
    many = [word for number in range(2000) for word in ("-H", f"X-{number}: 1")]
    expect("flood of headers", test.run("curl", ["curl", "-sS", "--max-time", "5", "-o", "/dev/null", "-w", "%{http_code}", *many,
                                                 server.http("")], status=None).text()[:1], "4")
    endless_head(server)
    for path in ("/healthz", "/readyz"):
        process = test.run("curl", ["curl", "-sS", "-f", "--max-time", "5", f"http://127.0.0.1:{server.ports['api']}{path}"])
        test.note(f"{path}: {process.text()[:60]}")
