"""Processor time and wall time of a request with and without authorization.

    measure.py PORTCULLIS-SERVER LOAD-EXAMPLE [ROUNDS [SECONDS]]

Every set-up is measured in each round, one after the other, and all figures are medians of the rounds. Figures of one
round are comparable; those of two machines are not. `.ci/load` builds what this needs.
"""

import contextlib
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

from parts import CASES, EXCHANGE, ROOT, Server, as_user, ask, basic, family, folder, free_port
from parts import processor_seconds, secret, wait_for

TARGET = CASES + "?tenantid=alpha"
CONNECTIONS = 16


def started(stack, arguments):
    child = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    stack.callback(child.wait)
    stack.callback(child.kill)
    return child.pid


def api(stack, example, *words):
    """The toy API with a layer as the words say."""
    address = f"127.0.0.1:{free_port()}"
    process = started(stack, [example, address, *words])
    wait_for(address)
    return address, [process]


def nginx(stack, place, name, upstream, server=None, asks="/nginx", keeps=True, hands_on=False):
    """nginx with the configuration of the page, or without its question."""
    address = f"127.0.0.1:{free_port()}"
    text = (ROOT / "host/proxies/nginx.conf").read_text()
    if server is None:
        text = re.sub(r"auth_request_set (\$\w+) .*", r'set \1 "";', text.replace("auth_request /_decision;", ""))
    text = text.replace("127.0.0.1:8080", address)
    if hands_on:
        # The layer behind it judges the request, and needs its credential.
        text = text.replace('proxy_set_header Authorization "";', "")
    if keeps:
        group = f"upstream api {{ server {upstream}; keepalive 32; }}\n"
        text = text.replace("http {\n", "http {\n" + group, 1).replace("127.0.0.1:9100", "api")
    else:
        text = re.sub(r"keepalive.*;", "", text).replace("127.0.0.1:9100", upstream)
    text = text.replace("decisions/nginx", "decisions" + asks)
    text = text.replace("127.0.0.1:9002", server.inner if server else upstream)
    own = place / name
    own.mkdir()
    settings = f"worker_processes 1;\npid {own}/pid;\nerror_log {own}/error.log;\n"
    for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        text = text.replace("http {\n", f"http {{\n{kind}_temp_path {own}/{kind};\n", 1)
    (own / "nginx.conf").write_text(settings + text)
    child = subprocess.Popen(["nginx", "-c", own / "nginx.conf", "-p", own, "-e", own / "error.log", "-g", "daemon off;"])
    stack.callback(child.wait)
    stack.callback(child.terminate)
    wait_for(address, "/")
    return address, family(child.pid)


class Row:
    """A set-up and what was measured of it, round by round."""

    def __init__(self, name, address, processes, credential, target=TARGET, headers=()):
        self.name, self.address, self.processes = name, address, processes
        self.headers = {"Authorization": credential, **dict(headers)}
        self.target = target
        self.rounds = []

    def measure(self, seconds):
        answer = ask(self.address, "GET", self.target, self.headers)
        if answer is None or answer[0] != 200:
            raise SystemExit(f"{self.name}: {answer}")
        arguments = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"]
        for name, value in self.headers.items():
            arguments += ["-H", f"{name}: {value}"]
        before = processor_seconds(self.processes)
        text = subprocess.run(
            [*arguments, f"http://{self.address}{self.target}"], capture_output=True, text=True, check=True
        ).stdout
        used = processor_seconds(self.processes) - before
        requests, wall = re.search(r"(\d+) requests in ([\d.]+)s", text).groups()
        if "Non-2xx" in text or "Socket errors" in text:
            raise SystemExit(f"{self.name}: not every request was answered with 200\n{text}")
        self.rounds.append((used / int(requests) * 1e6, float(wall) / int(requests) * 1e6, int(requests)))

    def cpu(self):
        return [own[0] for own in self.rounds]


def spread(values, digits=1):
    return f"{statistics.median(values):.{digits}f} ({min(values):.{digits}f}–{max(values):.{digits}f})"


def main():
    server_program, example = (pathlib.Path(own).resolve() for own in sys.argv[1:3])
    rounds, seconds = (int(own) for own in (sys.argv[3:5] + ["5", "3"][len(sys.argv[3:5]):]))
    with contextlib.ExitStack() as stack:
        place = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portcullis-load-")))
        own = folder(place)
        key, nobody = basic("msp", secret("k1")), "none"
        alone = api(stack, example)
        layers = {words: api(stack, example, "layer", *words) for words in ((), ("ed25519",), ("hs256",))}
        logged = {
            words: api(stack, example, "layer", *words, str(place / f"log-{len(words)}.jsonl"))
            for words in ((), ("ed25519",))
        }
        answer = ask(layers[()][0], "POST", EXCHANGE, {"Authorization": f"Bearer {secret('k1')}"})
        token = re.search(rb'"access_token":"([^"]+)"', answer[2]).group(1).decode()
        create = [server_program, "--config", own / "portcullis.yaml", "--create"]
        subprocess.run(create, check=True, stdout=subprocess.DEVNULL)
        server = Server(server_program, own)
        stack.callback(server.stop)
        server_process = [server.child.pid]
        asks = {"X-Original-Method": "GET", "X-Original-URI": TARGET}
        behind = lambda name, **more: nginx(stack, place, name, alone[0], server, **more)
        plain = nginx(stack, place, "plain", alone[0])
        plain_new = nginx(stack, place, "plain-new", alone[0], keeps=False)
        in_process = nginx(stack, place, "in-process", layers[()][0], hands_on=True)
        ed, hs = behind("ed25519"), behind("hs256", asks="/upstreams/shared-api/nginx")
        ed_new = behind("ed25519-new", keeps=False)
        with_server = lambda row: (row[0], row[1] + alone[1] + server_process)
        rows = [
            Row("API alone", *alone, nobody),
            Row("layer, key", *layers[()], key),
            Row("layer, access token", *layers[()], f"Bearer {token}"),
            Row("layer, key, signed with Ed25519", *layers[("ed25519",)], key),
            Row("layer, key, signed with HS256", *layers[("hs256",)], key),
            Row("layer, key, log", *logged[()], key),
            Row("layer, key, signed with Ed25519, log", *logged[("ed25519",)], key),
            Row("nginx, API", plain[0], plain[1] + alone[1], nobody),
            Row("nginx, API with layer, key", in_process[0], in_process[1] + layers[()][1], key),
            Row("nginx, forward-auth Ed25519, API", *with_server(ed), key),
            Row("nginx, forward-auth HS256, API", *with_server(hs), key),
            Row("nginx, API, a connection for each request", plain_new[0], plain_new[1] + alone[1], nobody),
            Row("the same, forward-auth Ed25519", *with_server(ed_new), key),
            Row("server, /healthz", server.inner, server_process, nobody, "/healthz"),
            Row("server, /nginx, Ed25519", server.inner, server_process, key, "/nginx", asks),
            Row("server, /nginx, HS256", server.inner, server_process, key, "/upstreams/shared-api/nginx", asks),
        ]
        busy = os.getloadavg()[0]
        for number in range(rounds):
            for row in rows:
                row.measure(seconds)
            print(f"round {number + 1} of {rounds}", file=sys.stderr)
        base = {row.name: row for row in rows}
        proxied = base["nginx, API"].cpu()
        print(f"{rounds} rounds of {seconds} s, {os.cpu_count()} cores, load before {busy:.1f}\n")
        print("| set-up | processor µs | wall µs | ÷ API alone | ÷ nginx, API |")
        print("|---|---:|---:|---:|---:|")
        for row in rows:
            wall = [one[1] for one in row.rounds]
            ratio = lambda other: spread([a / b for a, b in zip(row.cpu(), other)], 2)
            print(f"| {row.name} | {spread(row.cpu())} | {spread(wall)} | {ratio(base['API alone'].cpu())} | {ratio(proxied)} |")
        print()
        for text, more, less in (
            ("deciding, no signature", "layer, key", "API alone"),
            ("deciding, access token", "layer, access token", "API alone"),
            ("deciding and signing, Ed25519", "layer, key, signed with Ed25519", "API alone"),
            ("deciding and signing, HS256", "layer, key, signed with HS256", "API alone"),
            ("the log", "layer, key, log", "layer, key"),
            ("the log, beside a signature", "layer, key, signed with Ed25519, log", "layer, key, signed with Ed25519"),
        ):
            shares = [100 * (a - b) / c for a, b, c in zip(base[more].cpu(), base[less].cpu(), proxied)]
            print(f"- {text}: {spread(shares)} % of a proxied request")


main()
