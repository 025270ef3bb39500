"""A running portico: any build of it, with settings of its own, and its log in a file."""

import contextlib
import http.client
import os
import resource
import secrets
import signal
import socket
import subprocess
import time

from lib.client import PUBLIC_URL, Client

SECRET_KEY = secrets.token_hex(48)
TICK = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Portal:
    """`settings` are environment variables. The port stays the same from start to start."""

    binary = None

    def __init__(self, folder, database_url, smtp_port, name="portico", **settings):
        self.folder = folder
        self.log_path = os.path.join(folder, f"{name}.log")
        self.port = free_port()
        self.address = ("127.0.0.1", self.port)
        self.process = None
        # The soft and the hard limit of open files, where not this process's own.
        self.open_files = None
        self.settings = {
            "PORTICO_LISTEN": f"127.0.0.1:{self.port}",
            "PORTICO_PUBLIC_URL": PUBLIC_URL,
            "PORTICO_DATABASE_URL": database_url,
            # One that loses packets has an address of its own.
            "PORTICO_DATABASE_TLS": "optional",
            "PORTICO_SECRET_KEY": SECRET_KEY,
            "PORTICO_SMTP_URL": f"smtp://127.0.0.1:{smtp_port}",
            "PORTICO_MAIL_FROM": "Portico <portal@example.com>",
            "PORTICO_TRUSTED_PROXIES": "127.0.0.0/8",
            **NO_LIMITS,
            **settings,
        }

    @property
    def environment(self):
        return {"PATH": os.environ.get("PATH", ""), "TZ": "UTC", **self.settings}

    def start(self, wait=30.0, log=None):
        """Starts it and waits until it is ready. Answers how many seconds that took."""
        began = time.monotonic()
        limit = self.open_files and (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, self.open_files))
        with open(self.log_path, "ab") as log_file:
            self.process = subprocess.Popen(
                [self.binary, "serve"], env=self.environment, stdin=subprocess.DEVNULL, cwd=self.folder,
                stdout=log if log is not None else log_file, stderr=log if log is not None else log_file,
                preexec_fn=limit or None)
        if wait:
            while not self.is_ready():
                if self.process.poll() is not None:
                    raise RuntimeError(f"portico ended with {self.process.returncode}:\n{self.log_tail()}")
                if time.monotonic() - began > wait:
                    raise RuntimeError(f"portico is not ready after {wait} s:\n{self.log_tail()}")
                time.sleep(0.005)
        return time.monotonic() - began

    def command(self, *arguments, timeout=60.0):
        """Another command of the program with the same settings. Raises `subprocess.TimeoutExpired`."""
        return subprocess.run([self.binary, *arguments], env=self.environment, cwd=self.folder, timeout=timeout,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True)

    def client(self, cookies=None, **options):
        return Client(self.address, cookies, **options)

    def readiness(self, timeout=5.0):
        """The status of /readyz, 0 where nothing answers."""
        client = self.client(timeout=timeout)
        try:
            return client.get("/readyz").status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            client.close()

    def is_ready(self):
        return self.readiness(1.0) == 200

    def send_signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def ends_within(self, seconds, number=signal.SIGTERM):
        """Sends the signal and answers after how many seconds the process ended; None where it did not and had to be killed."""
        began = time.monotonic()
        self.send_signal(number)
        try:
            self.process.wait(seconds)
            return time.monotonic() - began
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.ends_within(40)

    def cpu(self):
        """Seconds of processor time so far."""
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def connections(self):
        """How many connections of clients it holds open, by the kernel's list."""
        with open("/proc/net/tcp") as table:
            rows = [line.split() for line in table.readlines()[1:]]
        return sum(row[1].endswith(f":{self.port:04X}") and row[3] == "01" for row in rows)

    def log_tail(self, lines=12):
        with contextlib.suppress(OSError), open(self.log_path, errors="replace") as log:
            return "".join(log.readlines()[-lines:])
        return ""


# Faults are about what happens when limits do not stand in the way; those that measure a limit set it again.
NO_LIMITS = {f"PORTICO_LIMIT_{name}": "1000000/1d" for name in (
    "CHANGES_ACCOUNT", "CHANGES_NETWORK", "CHANGES_WIDE_NETWORK", "LONG_FORMS", "LONG_FORM_LINES", "INVITATIONS_NETWORK",
    "INVITATIONS_ACCOUNT", "INVITATIONS_ORGANIZATION")}
