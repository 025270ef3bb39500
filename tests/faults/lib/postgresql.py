"""A PostgreSQL cluster of its own, that may be killed, stopped and started again. As root it runs as the user `postgres`."""

import contextlib
import glob
import os
import shutil
import signal
import subprocess
import time

from lib.portal import free_port


def find(program):
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{program}"))
    return found[-1] if found else shutil.which(program)


def is_there():
    return find("initdb") is not None and find("psql") is not None


def _as_postgres(command):
    if os.geteuid() == 0:
        return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *command]
    return command


def _processes():
    """(pid, state, parent) of every process."""
    for path in glob.glob("/proc/[0-9]*/stat"):
        # One may end while it is looked at.
        with contextlib.suppress(OSError), open(path) as stat:
            pid, rest = stat.read().split(" ", 1)
            state, parent = rest.rsplit(")", 1)[1].split()[:2]
            yield int(pid), state, int(parent)


class Cluster:
    """`namespace` is a network namespace that the server runs in, listening on `host`."""

    def __init__(self, folder, host="127.0.0.1", namespace=None):
        self.folder = folder
        self.data = os.path.join(folder, "data")
        self.host = host
        self.namespace = namespace
        self.port = free_port()
        self.server = None
        self._next = 0
        os.makedirs(folder, exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        make = [find("initdb"), "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync",
                "-D", self.data]
        subprocess.run(_as_postgres(make), check=True, stdout=subprocess.DEVNULL, cwd="/")
        if namespace:
            with open(os.path.join(self.data, "pg_hba.conf"), "a") as rules:
                rules.write("host all all all trust\n")

    def start(self):
        if self.runs():
            raise RuntimeError("PostgreSQL runs already")
        command = [find("postgres"), "-D", self.data, "-p", str(self.port), "-h", self.host, "-k", self.folder,
                   "-c", "max_connections=200"]
        enter = ["ip", "netns", "exec", self.namespace] if self.namespace else []
        with open(os.path.join(self.folder, "log"), "ab") as log:
            self.server = subprocess.Popen(enter + _as_postgres(command), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                           cwd="/")
        deadline = time.monotonic() + 60
        while subprocess.run([find("pg_isready"), "-q", "-h", self.folder, "-U", "postgres", "-p", str(self.port)]).returncode != 0:
            if not self.runs() or time.monotonic() > deadline:
                with open(os.path.join(self.folder, "log")) as log:
                    raise RuntimeError(f"PostgreSQL does not start:\n{log.read()[-1_000:]}")
            time.sleep(0.02)

    def runs(self):
        return self.server is not None and self.server.poll() is None

    def stop(self):
        if self.runs():
            self.resume()
            self.server.send_signal(signal.SIGINT)
            try:
                self.server.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()

    def _family(self):
        """The postmaster and its backends. `ip netns exec` and `setpriv` become the program that they start."""
        found = [pid for pid, _, parent in _processes() if parent == self.server.pid]
        return [self.server.pid, *found]

    @staticmethod
    def _signal(family, number):
        for pid in family:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill(self):
        """kill -9 of the postmaster and all its backends at once."""
        family = self.pause()
        self._signal(family, signal.SIGKILL)
        self.server.wait()
        # A new server does not start while one of the old backends still holds the memory that they share.
        while any(pid in family and state != "Z" for pid, state, _ in _processes()):
            time.sleep(0.002)

    def pause(self):
        """Stops all of it, and answers what that was. The postmaster first: it must not start another backend meanwhile."""
        os.kill(self.server.pid, signal.SIGSTOP)
        family = self._family()
        self._signal(family, signal.SIGSTOP)
        return family

    def resume(self):
        self._signal(self._family(), signal.SIGCONT)

    def url(self, database):
        return f"postgres://postgres@{self.host}:{self.port}/{database}"

    def psql_command(self, database):
        return [find("psql"), "-X", "-q", "-At", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-p", str(self.port),
                "-U", "postgres", "-d", database]

    def psql(self, database, statement):
        done = subprocess.run([*self.psql_command(database), "-c", statement], capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise RuntimeError(f"{statement}: {done.stderr}")
        return [tuple(line.split("\x1f")) for line in done.stdout.splitlines()]

    def create(self, template=None):
        self._next += 1
        name = f"faults_{self._next}"
        self.psql("postgres", f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        return name

    def drop(self, database):
        self.psql("postgres", f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def dump(self, database):
        command = [find("pg_dump"), "-h", self.folder, "-p", str(self.port), "-U", "postgres", database]
        return subprocess.run(command, check=True, capture_output=True).stdout
