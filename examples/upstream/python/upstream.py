"""A toy upstream: it answers which tenants an answer may hold.

    python upstream.py PORT URL-OF-THE-KEY-SET ISSUER AUDIENCE
"""

import json
import sys
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from portcullis_decision import Refused, keys_of, read, tenants_of


class Upstream(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    expected = {}

    def answer(self):
        try:
            # `path` is the raw target, and `items` has doubled headers twice.
            claims = read(self.headers.items(), self.command, self.path, **self.expected)
            status, body = 200, {"user": claims.get("sub"), "tenants": tenants_of(claims)}
        except Refused as why:
            self.log_message("refused: %s", why)
            status, body = 403, {"error": "refused"}
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = answer


if __name__ == "__main__":
    port, key_set, issuer, audience = sys.argv[1:]
    with urllib.request.urlopen(key_set) as answer:
        keys = keys_of(json.load(answer))
    Upstream.expected = {"keys": keys, "issuer": issuer, "audience": audience}
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Upstream)
    print(server.server_address[1], flush=True)
    server.serve_forever()
