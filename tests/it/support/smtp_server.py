"""A mail server for tests.

It prints what happens as JSON lines, beginning with the port it listens on, and takes orders as JSON lines on standard input:
`refuse` (answers to RCPT by address), `data` (the answer to every message, instead of taking it) and `hold` (answer nothing to a
message that is taken until an order says otherwise). It ends when standard input does.
"""

import argparse
import asyncio
import email
import email.policy
import json
import os
import ssl
import sys
import threading

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


def say(event, **details):
    print(json.dumps({"event": event, **details}), flush=True)


class Handler:
    def __init__(self):
        self.refuse = {}
        self.data = None
        self.go = asyncio.Event()
        self.go.set()

    def obey(self, order):
        self.refuse = order.get("refuse", {})
        self.data = order.get("data")
        if order.get("hold"):
            self.go.clear()
        else:
            self.go.set()
        say("obeyed")

    async def handle_MAIL(self, server, session, envelope, address, options):
        say("mail", sender=address, tls=session.ssl is not None)
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refuse:
            say("refused", recipient=address)
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.data:
            say("refused", recipient=envelope.rcpt_tos[0])
            return self.data
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {part.get_content_type(): part.get_content() for part in message.walk() if not part.is_multipart()}
        say(
            "message",
            sender=envelope.mail_from,
            recipients=envelope.rcpt_tos,
            tls=session.ssl is not None or server.transport.get_extra_info("ssl_object") is not None,
            user=session.auth_data.login.decode() if session.auth_data else None,
            kind=message.get_content_type(),
            headers=[[name.lower(), str(value)] for name, value in message.items()],
            text=parts.get("text/plain", ""),
            html=parts.get("text/html", ""),
            raw=envelope.content.decode("latin-1"),
        )
        await self.go.wait()
        say("answered")
        return "250 OK"


def read_orders(loop, handler):
    for line in sys.stdin:
        loop.call_soon_threadsafe(handler.obey, json.loads(line))
    os._exit(0)


async def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--certificate", help="a PEM file with the certificate and its key")
    parser.add_argument("--wrapped", action="store_true", help="TLS from the start instead of STARTTLS")
    parser.add_argument("--account", help="user:password that must be given")
    arguments = parser.parse_args()

    tls = None
    if arguments.certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(arguments.certificate)
    starttls = tls is not None and not arguments.wrapped
    handler = Handler()

    def authenticate(server, session, envelope, mechanism, data):
        given = data.login + b":" + data.password if isinstance(data, LoginPassword) else b""
        return AuthResult(success=given == arguments.account.encode(), handled=False, auth_data=data)

    def connected():
        return SMTP(
            handler,
            hostname="mail.test",
            tls_context=tls if starttls else None,
            require_starttls=starttls,
            authenticator=authenticate if arguments.account else None,
            auth_required=bool(arguments.account),
            auth_require_tls=False,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(connected, "127.0.0.1", arguments.port, ssl=None if starttls else tls)
    threading.Thread(target=read_orders, args=(loop, handler), daemon=True).start()
    say("listening", port=server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(main())
