"""jwks: tokens whose keys come from a server of keys in Python over https: EdDSA, PS256 and RS256 signed by openssl's program, a key that is
changed while a stream runs, forged and confused tokens, a server of keys that goes away and comes back, and a reload to another URL."""

import base64
import http.server
import json
import signal
import ssl
import subprocess
import threading
import time

from support.processes import Failure, need, wait_until


def coded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Signer:
    """A key pair of the openssl program, its JSON Web Key, and tokens."""

    def __init__(self, folder, kid, kind):
        self.kid, self.kind, self.key, self.folder = kid, kind, folder / f"{kid}.pem", folder
        how = ["-algorithm", "ED25519"] if kind == "EdDSA" else ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
        subprocess.run(["openssl", "genpkey", *how, "-out", self.key], check=True, capture_output=True)

    def jwk(self):
        if self.kind == "EdDSA":
            der = subprocess.run(["openssl", "pkey", "-in", self.key, "-pubout", "-outform", "DER"], check=True, capture_output=True)
            return {"kty": "OKP", "crv": "Ed25519", "kid": self.kid, "use": "sig", "x": coded(der.stdout[-32:])}
        text = subprocess.run(["openssl", "rsa", "-in", self.key, "-noout", "-modulus"], check=True, capture_output=True, text=True)
        return {"kty": "RSA", "kid": self.kid, "n": coded(bytes.fromhex(text.stdout.strip().split("=")[1])), "e": "AQAB"}

    def token(self, algorithm=None, kid=None, **claims):
        head = {"alg": algorithm or self.kind, "kid": kid or self.kid}
        text = coded(json.dumps(head).encode()) + "." + coded(json.dumps({"exp": int(time.time()) + 600, **claims}).encode())
        file, out = self.folder / "text", self.folder / "signature"
        file.write_text(text)
        if self.kind == "EdDSA":
            command = ["pkeyutl", "-sign", "-rawin", "-inkey", self.key, "-in", file, "-out", out]
        else:
            pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:-1"] if head["alg"].startswith("PS") else []
            command = ["dgst", f"-sha{head['alg'][2:]}", *pss, "-sign", self.key, "-out", out, file]
        subprocess.run(["openssl", *command], check=True, capture_output=True)
        return text + "." + coded(out.read_bytes())


def key_server(folder):
    """Over https, with a certificate that weir has to be told of; `state` says what it answers."""
    cert, key = folder / "keys.crt", folder / "keys.key"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj",
                    "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    state = {"keys": [], "status": 200, "asked": 0}

    class Keys(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            state["asked"] += 1
            body = json.dumps({"keys": [signer.jwk() for signer in state["keys"]]}).encode()
            self.send_response(state["status"])
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server, state, cert


def run(test):
    need("openssl")
    first, second, rsa = (Signer(test.folder, *what) for what in (("1", "EdDSA"), ("2", "EdDSA"), ("3", "RS256")))
    keys, state, cert = key_server(test.folder)
    state["keys"] = [first, rsa]

    def settings(path="/jwks.json", authority=cert):
        trust = f"jwks_ca_file {authority};" if authority else ""
        return (f"auth {{ enabled on; scheme jwt; publish off; jwks https://localhost:{keys.server_address[1]}{path}; {trust} jwks_retry 1; "
                "jwks_refresh 2; audience weir; }")

    server = test.server(vhost=settings())
    test.push(test.source(), server.rtmp(), loop=True)
    server.wait_live()


    def plays(token):
        url = f"{server.rtmp()}?token={token}"
        player = test.start("ffmpeg", ["ffmpeg", "-v", "error", "-i", url, "-t", "0.5", "-f", "null", "-"])
        return player.wait(20) == 0

    def expect(good, what, token):
        if plays(token) != good:
            raise Failure(f"{what}: {'refused' if good else 'let in'}")

    expect(True, "a token of EdDSA", first.token(aud="weir"))
    for algorithm in ("RS256", "PS256", "PS384", "PS512"):
        expect(True, f"a token of {algorithm}", rsa.token(algorithm, aud="weir"))
    expect(False, "a token for another audience", first.token(aud="others"))
    expect(False, "a token of another key by the same name", second.token(kid="1", aud="weir"))
    expect(False, "a token that has expired", first.token(aud="weir", exp=1_300_000_000))
    expect(False, "a token without a signature", first.token(aud="weir").rsplit(".", 1)[0] + ".")
    none = coded(b'{"alg":"none","kid":"1"}') + "." + coded(b'{"exp":9999999999,"aud":"weir"}') + "."
    expect(False, "a token of alg none", none)

    state["keys"] = [second]
    wait_until("the new key is known", lambda: plays(second.token(aud="weir")))
    expect(False, "a token of the key that was taken away", first.token(aud="weir"))

    state["status"] = 503
    asked = state["asked"]
    wait_until("the server of keys was asked in vain", lambda: plays(second.token(aud="weir")) and state["asked"] > asked)
    expect(True, "a token of a known key, while the server of keys is down", second.token(aud="weir"))
    wait_until("the log says so", lambda: "those from before stay good" in server.process.text())
    state["status"] = 200
    wait_until("the log tells that it is back", lambda: plays(second.token(aud="weir")) and "can be had again" in server.process.text())

    server.write_config(vhost=settings("/others.json", authority=None))  # whose certificate nobody vouches for
    server.process.signal(signal.SIGHUP)
    wait_until("keys of a stranger are not taken", lambda: not plays(second.token(aud="weir")))
    server.write_config(vhost=settings("/others.json"))
    server.process.signal(signal.SIGHUP)
    wait_until("keys of the other URL are", lambda: plays(second.token(aud="weir")))
    if "eyJ" in server.process.text().replace("token=***", ""):
        raise Failure("the log has a token")
    server.stop()
