"""What the scripts of this folder share: a server in a folder, and requests to it."""

import base64
import hashlib
import http.client
import json
import os
import pathlib
import queue
import signal
import socket
import subprocess
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEOPLE = ROOT / "policies/stellar-cyber"
CASES = "/connect/api/v1/cases"
EXCHANGE = "/connect/api/v1/access_token"
KEYS = "/portcullis/v1/keys"
USERS = {"msp": "k1", "ann": "ann-key", "tenant-user": "tenant-user-key"}
CONFIGURATION = """\
version: 1
release: "5.5.0"
policy: policy.yaml
store: {store}
issuer: gateway
signing_keys: [{{ id: one, private_key: {{ file: one.pem }} }}]
upstreams: [{{ name: cases-api }}, {{ name: shared-api, shared_secret: {{ file: shared }} }}]
public: {{ address: "127.0.0.1:0" }}
inner: {{ address: "127.0.0.1:0" }}
activity: {{ to: {{ file: activity.jsonl, rotate_bytes: 33554432, keep_files: 2 }}, queue: 65536 }}
most_keys: 1000000
watch_seconds: 1
"""


def secret(key):
    return f"secret-of-{key}"


def basic(user, text):
    return "Basic " + base64.b64encode(f"{user}:{text}".encode()).decode()


def as_user(user):
    return basic(user, secret(USERS[user]))


def folder(place, store="files"):
    """Writes all files of a configuration."""
    place = pathlib.Path(place)
    (place / "people").mkdir()
    for source, name in (("policy.yaml", "policy.yaml"), ("directory.yaml", "people/directory.yaml")):
        (place / name).write_text((PEOPLE / source).read_text())
    digests = (f"{hashlib.sha256(secret(key).encode()).hexdigest()}  {key}\n" for key in USERS.values())
    (place / "people/secrets.sha256").write_text("".join(digests))
    der = bytes.fromhex("302e020100300506032b657004220420") + bytes([1] * 32)
    pem = base64.b64encode(der).decode()
    (place / "one.pem").write_text(f"-----BEGIN PRIVATE KEY-----\n{pem}\n-----END PRIVATE KEY-----\n")
    (place / "shared").write_text("a secret of two sides, of more than thirty-two bytes\n")
    where = {"files": "{ files: people }", "sqlite": "{ sqlite: people.db }"}[store]
    (place / "portcullis.yaml").write_text(CONFIGURATION.format(store=where))
    return place


class Server:
    """A running portcullis-server."""

    def __init__(self, program, place, level="warn,portcullis_server::run=info"):
        arguments = [program, "--config", place / "portcullis.yaml", "--log-json", "--log", level]
        self.child = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.addresses = {}
        self.faults = []
        self.said = []
        ready = queue.Queue()
        threading.Thread(target=self.read, args=(ready,), daemon=True).start()
        if not ready.get(timeout=30):
            raise SystemExit("the server did not start: " + "".join(self.said))
        self.public, self.inner = self.addresses["public"], self.addresses["inner"]

    def read(self, ready):
        for line in self.child.stderr:
            if '"listening"' in line:
                fields = json.loads(line)["fields"]
                self.addresses[fields["listener"]] = fields["address"].split("//")[1]
                if len(self.addresses) == 2:
                    ready.put(True)
            elif '"level":"ERROR"' in line:
                self.faults.append(line.strip())
            self.said = self.said[-9:] + [line]
        ready.put(False)

    def signal(self, name):
        self.child.send_signal(getattr(signal, "SIG" + name))

    def stop(self, name="TERM", seconds=30):
        self.signal(name)
        return self.child.wait(timeout=seconds)


def ask(address, method, target, headers=(), body=None):
    """The status, the headers and the body of an answer; None where there was no answer."""
    connection = http.client.HTTPConnection(address, timeout=20)
    try:
        connection.request(method, target, body=body, headers=dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def free_port():
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return own.getsockname()[1]


def wait_for(address, target="/"):
    end = time.monotonic() + 20
    while ask(address, "GET", target) is None:
        if time.monotonic() > end:
            raise SystemExit(f"nothing answers at {address}")
        time.sleep(0.02)


def family(process):
    """A process and those that it started."""
    found = [process]
    for task in pathlib.Path(f"/proc/{process}/task").iterdir():
        for child in (task / "children").read_text().split():
            found += family(int(child))
    return found


def processor_seconds(processes):
    """The time that processes have used, in the program and in the kernel."""
    ticks = 0
    for process in processes:
        fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident(process):
    """Bytes in memory."""
    for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def descriptors(process):
    return len(os.listdir(f"/proc/{process}/fd"))
