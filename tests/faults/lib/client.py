"""A browser of sorts: one connection that is kept, cookies, and the headers that a browser sends with a form."""

import http.client
import itertools
import random
import socket
import time
import urllib.parse

HOST = "localhost"
PUBLIC_URL = f"http://{HOST}"
_boundaries = itertools.count()


class Answer:
    def __init__(self, status, headers, body, seconds):
        self.status = status
        self.headers = headers
        self.body = body
        self.seconds = seconds

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")


def some_ip():
    """A client address of its own, so that limits of a network do not stand in the way (the portal trusts this machine's header)."""
    return f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"


class Client:
    def __init__(self, address, cookies=None, ip=None, timeout=30.0):
        self.address = address
        self.cookies = dict(cookies or {})
        self.ip = ip or some_ip()
        self.timeout = timeout
        self._connection = None

    def close(self):
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self):
        connection = http.client.HTTPConnection(*self.address, timeout=self.timeout)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def request(self, method, path, body=None, headers=None):
        """Sends once, never again: whether a request that broke was carried out is what the faults are about."""
        began = time.perf_counter()
        # The portal answers under the name that people know it by, wherever it listens.
        sent = {"Host": HOST, "X-Forwarded-For": self.ip, **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method == "POST":
            sent["Origin"] = PUBLIC_URL
        try:
            if self._connection is None:
                self._connection = self._connect()
            self._connection.request(method, path, body, sent)
            response = self._connection.getresponse()
            content = response.read()
        except Exception:
            self.close()
            raise
        if response.will_close:
            self.close()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";", 1)[0]
        return Answer(response.status, response.headers, content, time.perf_counter() - began)

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def post(self, path, fields):
        body = urllib.parse.urlencode(fields)
        return self.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})

    def post_multipart(self, path, fields):
        boundary = f"faults-{next(_boundaries)}"
        return self.request("POST", path, multipart(boundary, fields),
                            {"Content-Type": f"multipart/form-data; boundary={boundary}"})


def multipart(boundary, fields):
    parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
             for name, value in fields.items()]
    return ("".join(parts) + f"--{boundary}--\r\n").encode()
