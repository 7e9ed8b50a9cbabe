"""A soak of the server: load, reloads, new and revoked keys, then kills.

    soak.py PORTCULLIS-SERVER files|sqlite SECONDS

It fails if a key is accepted after its revocation was acknowledged, if a key that was created or a revocation is lost by
a kill, if memory or descriptors grow, if health does not answer, or if a stop does not end. `.ci/soak` runs it on both
stores.
"""

import json
import pathlib
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from parts import CASES, EXCHANGE, KEYS, Server, as_user, ask, basic, descriptors, folder, resident

# How much more memory the last third may need than the first: new keys, and noise of the allocator.
MORE = 8 * 1024 * 1024
ADMINISTRATOR = {"Authorization": as_user("ann")}
OWNER = {"Authorization": as_user("msp"), "Content-Type": "application/json"}


class Soak:
    def __init__(self, program, store):
        self.program, self.store = program, store
        self.temporary = tempfile.TemporaryDirectory(prefix="portcullis-soak-")
        self.place = pathlib.Path(self.temporary.name)
        folder(self.place, store)
        if store == "sqlite":
            arguments = [program, "--config", self.place / "portcullis.yaml", "--create", "--import", self.place / "people"]
        else:
            (self.place / "people/journal").unlink(missing_ok=True)
            arguments = [program, "--config", self.place / "portcullis.yaml", "--create"]
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
        self.server = Server(program, self.place)
        self.over = threading.Event()
        # Counts up before and after each kill: answers that are missing meanwhile are no fault.
        self.killed = 0
        self.lock = threading.Lock()
        self.kept, self.revoked, self.faults = {}, {}, []
        self.done = dict.fromkeys(("load", "created", "revoked", "reloads", "directories", "kills", "checks"), 0)
        self.waits = []

    def fault(self, text):
        with self.lock:
            self.faults.append(text)
        print("FAULT", text, flush=True)

    def count(self, what, number=1):
        with self.lock:
            self.done[what] += number

    def decision(self, secret):
        headers = {
            "Authorization": basic("msp", secret),
            "X-Original-Method": "GET",
            "X-Original-URI": CASES,
        }
        return ask(self.server.inner, "GET", "/nginx", headers)

    def exchange(self, secret):
        return ask(self.server.public, "POST", EXCHANGE, {"Authorization": f"Bearer {secret}"})

    def expect(self, what, answer, status, killed):
        """Whether there is an answer. It must be the right one, and may be missing only around a kill."""
        if answer is None:
            # Odd while a server is killed and started.
            if killed % 2 == 0 and killed == self.killed and not self.over.is_set():
                self.fault(f"{what}: no answer")
            time.sleep(0.05)
            return False
        if answer[0] != status:
            self.fault(f"{what}: {answer[0]} instead of {status}: {answer[2][:200]}")
        return answer[0] == status

    def load(self):
        """wrk asks for decisions all the time."""
        while not self.over.is_set():
            killed = self.killed
            text = subprocess.run(
                ["wrk", "-t1", "-c16", "-d2s", "-H", f"Authorization: {as_user('msp')}", "-H", "X-Original-Method: GET",
                 "-H", f"X-Original-URI: {CASES}", f"http://{self.server.inner}/nginx"],
                capture_output=True, text=True,
            ).stdout  # fmt: skip
            found = re.search(r"(\d+) requests in", text)
            self.count("load", int(found.group(1)) if found else 0)
            if killed % 2 == 0 and killed == self.killed and ("Non-2xx" in text or "Socket errors" in text) and not self.over.is_set():
                self.fault(f"wrk: {text}")

    def churn(self):
        """Creates keys, and revokes all but every fourth. What is acknowledged is written down here."""
        number = 0
        while not self.over.is_set():
            killed, number = self.killed, number + 1
            created = ask(self.server.public, "POST", KEYS, OWNER, json.dumps({"name": "soak"}))
            if not self.expect("create", created, 201, killed):
                continue
            body = json.loads(created[2])
            key, secret = body["key"]["key"], body["secret"]
            self.count("created")
            self.expect("a new key", self.decision(secret), 200, killed)
            if number % 4 == 0:
                with self.lock:
                    self.kept[key] = secret
                continue
            before = time.monotonic()
            answer = ask(self.server.public, "DELETE", f"{KEYS}/{key}", ADMINISTRATOR)
            if not self.expect("revoke", answer, 200, killed):
                continue
            self.waits.append(time.monotonic() - before)
            with self.lock:
                self.revoked[key] = secret
            self.count("revoked")
            # nginx has 401 as it is.
            self.expect(f"right after the revocation of {key}", self.decision(secret), 401, killed)
            self.expect(f"right after the revocation of {key}", self.exchange(secret), 401, killed)

    def check(self):
        """Asks again and again about what was acknowledged before."""
        while not self.over.is_set():
            killed = self.killed
            with self.lock:
                kept = random.sample(sorted(self.kept.items()), min(5, len(self.kept)))
                revoked = random.sample(sorted(self.revoked.items()), min(20, len(self.revoked)))
            for key, secret in kept:
                self.expect(f"kept {key}", self.decision(secret), 200, killed)
            for key, secret in revoked:
                self.expect(f"revoked {key}", self.decision(secret), 401, killed)
            for path in ("/healthz", "/readyz", "/metrics"):
                self.expect(path, ask(self.server.inner, "GET", path), 200, killed)
            self.count("checks")
            time.sleep(0.05)

    def reload(self):
        """Changes policy and directory, and sends SIGHUP."""
        text = (self.place / "people/directory.yaml").read_text()
        number = 0
        while not self.over.wait(0.7):
            number += 1
            if number % 3 == 0:
                self.count("reloads")
                self.server.signal("HUP")
            elif number % 3 == 1:
                self.count("directories")
                mail = f"soak{number}@example.com"
                if self.store == "sqlite":
                    with sqlite3.connect(self.place / "people.db", timeout=10) as data:
                        data.execute("UPDATE users SET email = ? WHERE user = 'root-user'", (mail,))
                    data.close()
                else:
                    self.write("people/directory.yaml", text.replace("root.user@example.com", mail))
            else:
                self.count("reloads")
                policy = (self.place / "policy.yaml").read_text()
                self.write("policy.yaml", re.sub(r"(?s)\A# soak.*?\n", "", policy) if number % 2 else f"# soak {number}\n{policy}")

    def write(self, name, text):
        aside = self.place / f"{name}.aside"
        aside.write_text(text)
        aside.rename(self.place / name)

    def kill(self):
        with self.lock:
            self.killed += 1
        self.server.stop("KILL")
        self.faults += self.server.faults
        self.server = Server(self.program, self.place)
        with self.lock:
            self.killed += 1
        self.count("kills")

    def run(self, seconds):
        idle = descriptors(self.server.child.pid)
        work = [self.load, self.churn, self.churn, self.check, self.reload]
        threads = [threading.Thread(target=own) for own in work]
        for own in threads:
            own.start()
        # Two thirds of the time without a kill: memory is measured there.
        samples = []
        end = time.monotonic() + seconds * 2 / 3
        while time.monotonic() < end:
            samples.append((resident(self.server.child.pid), descriptors(self.server.child.pid)))
            time.sleep(0.25)
        # The list of the newest records fills up at first.
        samples = samples[len(samples) // 10 :]
        third = len(samples) // 3
        first, last = samples[:third], samples[-third:]
        memory = [statistics.median(own[0] for own in part) for part in (first, last)]
        files = [max(own[1] for own in part) for part in (first, last)]
        if memory[1] > memory[0] * 1.1 + MORE:
            self.fault(f"memory grows: {memory}")
        if files[1] > files[0] + 8:
            self.fault(f"descriptors grow: {files}")
        end = time.monotonic() + seconds / 3
        while time.monotonic() < end:
            time.sleep(random.uniform(1, 3))
            self.kill()
        # A stop under load.
        self.over.set()
        before = time.monotonic()
        code = self.server.stop("TERM")
        stop = time.monotonic() - before
        if code != 0 or stop > 15:
            self.fault(f"the stop took {stop:.1f} s and ended with {code}")
        for own in threads:
            own.join()
        self.faults += self.server.faults
        # And everything once more, after a start. Now every answer counts.
        self.over.clear()
        self.server = Server(self.program, self.place)
        killed = self.killed
        for key, secret in self.kept.items():
            self.expect(f"kept {key}, at the end", self.decision(secret), 200, killed)
        for key, secret in self.revoked.items():
            self.expect(f"revoked {key}, at the end", self.decision(secret), 401, killed)
        time.sleep(1)
        left = descriptors(self.server.child.pid)
        if left > idle + 2:
            self.fault(f"{left} descriptors are open without a client, and {idle} at first")
        self.server.stop()
        self.faults += [own for own in self.server.faults if own not in self.faults]
        waits = sorted(self.waits) or [0]
        print(
            f"{self.store}: {self.done}; memory {memory[0] / 2**20:.1f} MiB, then {memory[1] / 2**20:.1f};"
            f" descriptors {files[0]}, then {files[1]}; a revocation took {statistics.median(waits) * 1e3:.0f} ms,"
            f" at most {waits[-1] * 1e3:.0f}; the stop {stop:.1f} s; faults: {len(self.faults)}"
        )
        if not all(self.done.values()):
            raise SystemExit("something was not tried")
        if self.faults:
            print("\n".join(self.faults[:20]))
            raise SystemExit(1)


def main():
    program, store, seconds = sys.argv[1:4]
    Soak(pathlib.Path(program).resolve(), store).run(float(seconds))


main()
