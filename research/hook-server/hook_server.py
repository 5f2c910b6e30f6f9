#!/usr/bin/env python3
"""A small hook server: logs each call, lets in whoever does not name a stream "forbidden".

    python3 hook_server.py [--port 8085] [--secret change-me]

With a secret, calls without a good X-Weir-Signature are refused, and so are those older than a minute.
"""
import argparse
import hashlib
import hmac
import json
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"  # keeps connections
    secret = b""

    def do_POST(self):
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 65536))
        if self.secret and not self.is_signed(body):
            return self.answer(401, {"code": 401})
        call = json.loads(body or b"{}")
        print(json.dumps(call), flush=True)
        if call.get("action") == "on_forward":
            return self.answer(200, {"code": 0, "data": {"urls": []}})
        denied = call.get("action") in ("on_publish", "on_play") and call.get("stream") == "forbidden"
        self.answer(200, {"code": 403 if denied else 0, "data": None})

    def do_GET(self):  # on_hls_notify
        print(json.dumps({"action": "on_hls_notify", "target": self.path}), flush=True)
        self.answer(200, {"code": 0})

    def is_signed(self, body):
        stamp = self.headers.get("X-Weir-Timestamp", "")
        if not stamp.isdigit() or abs(time.time() - int(stamp)) > 60:
            return False
        wanted = "sha256=" + hmac.new(self.secret, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(wanted, self.headers.get("X-Weir-Signature", ""))

    def answer(self, status, value):
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--port", type=int, default=8085)
    options.add_argument("--secret", default="")
    arguments = options.parse_args()
    Handler.secret = arguments.secret.encode()
    ThreadingHTTPServer(("127.0.0.1", arguments.port), Handler).serve_forever()
