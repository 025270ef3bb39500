"""A mail server that misbehaves on demand, in a process of its own. It remembers every message, its time and its Message-ID."""

import asyncio
import email
import email.policy
import multiprocessing
import re
import signal
import threading
import time
from collections import Counter

_fork = multiprocessing.get_context("fork")
MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.I | re.M)

# Every behaviour and what it is when nothing is said.
GOOD = {
    "silent": False,            # accepts the connection and never says a word
    "greeting": "220 mail.test ESMTP",
    "delay": 0.0,               # seconds before every answer
    "mail": "250 OK",           # to MAIL FROM
    "rcpt": "250 OK",           # to RCPT TO
    "data": "250 OK",           # to a whole message; it counts as taken where this begins with 2
    "data_delay": 0.0,          # seconds before that answer; the message is taken before
    "hang_after_data": False,   # never answers a message, and does not take it
}


class MailServer:
    def __init__(self):
        self._ours, theirs = _fork.Pipe()
        self._process = _fork.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        self._lock = threading.Lock()
        self.port = self._ours.recv()

    def _ask(self, *question):
        with self._lock:
            self._ours.send(question)
            return self._ours.recv()

    def behave(self, **behaviour):
        """From now on, in every connection."""
        unknown = set(behaviour) - set(GOOD)
        if unknown:
            raise ValueError(f"no such behaviour: {unknown}")
        self._ask("behave", {**GOOD, **behaviour})

    def forget(self):
        self._ask("forget")

    def taken(self):
        """(time, Message-ID, recipient) of every message taken, in order."""
        return self._ask("taken")

    def count(self):
        return self._ask("count")

    def refused(self):
        """How many recipients, senders or messages were refused."""
        return self._ask("refused")

    def copies(self):
        """How often each Message-ID was taken."""
        return Counter(message_id for _, message_id, _ in self.taken())

    def recipients(self):
        return {recipient for _, _, recipient in self.taken()}

    def text_to(self, recipient, wait=30.0):
        """The text of the latest message to this address, waited for."""
        deadline = time.monotonic() + wait
        while True:
            raw = self._ask("raw", recipient)
            if raw is not None:
                message = email.message_from_bytes(raw, policy=email.policy.default)
                return message.get_body(("plain",)).get_content()
            if time.monotonic() > deadline:
                raise RuntimeError(f"no mail to {recipient} within {wait} s")
            time.sleep(0.01)

    def stop(self):
        self._process.kill()
        self._process.join()


class _State:
    def __init__(self):
        self.behaviour = dict(GOOD)
        self.taken, self.latest, self.refused = [], {}, 0

    def answer(self, question, details):
        if question == "behave":
            self.behaviour = details[0]
        elif question == "forget":
            self.taken, self.latest, self.refused = [], {}, 0
        elif question == "taken":
            return list(self.taken)
        elif question == "count":
            return len(self.taken)
        elif question == "refused":
            return self.refused
        elif question == "raw":
            return self.latest.get(details[0])
        return None

    def take(self, recipients, raw):
        found = MESSAGE_ID.search(raw)
        for recipient in recipients:
            self.taken.append((time.monotonic(), found.group(1).decode() if found else "", recipient))
            self.latest[recipient] = raw


async def _talk(state, reader, writer):
    async def say(line):
        if state.behaviour["delay"]:
            await asyncio.sleep(state.behaviour["delay"])
        writer.write(line.encode() + b"\r\n")
        await writer.drain()

    try:
        if state.behaviour["silent"]:
            await reader.read()
            return
        await say(state.behaviour["greeting"])
        if not state.behaviour["greeting"].startswith("2"):
            return
        recipients = []
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb in (b"EHLO", b"HELO"):
                await say("250 mail.test")
            elif verb == b"MAIL":
                recipients = []
                answer = state.behaviour["mail"]
                state.refused += not answer.startswith("2")
                await say(answer)
            elif verb == b"RCPT":
                answer = state.behaviour["rcpt"]
                if answer.startswith("2"):
                    recipients.append(line.split(b"<", 1)[1].split(b">", 1)[0].decode())
                else:
                    state.refused += 1
                await say(answer)
            elif verb == b"DATA":
                await say("354 go on")
                raw = await reader.readuntil(b"\r\n.\r\n")
                if state.behaviour["hang_after_data"]:
                    await reader.read()
                    return
                answer = state.behaviour["data"]
                if answer.startswith("2"):
                    state.take(recipients, raw)
                else:
                    state.refused += 1
                if state.behaviour["data_delay"]:
                    await asyncio.sleep(state.behaviour["data_delay"])
                await say(answer)
            elif verb == b"QUIT":
                await say("221 bye")
                return
            else:
                await say("250 OK")
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


def _serve(pipe):
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    state = _State()

    async def main():
        loop = asyncio.get_running_loop()
        server = await asyncio.start_server(lambda r, w: _talk(state, r, w), "127.0.0.1", 0, limit=1 << 20, backlog=512)
        pipe.send(server.sockets[0].getsockname()[1])

        def listen():
            while True:
                question, *details = pipe.recv()
                loop.call_soon_threadsafe(lambda q=question, d=details: pipe.send(state.answer(q, d)))

        threading.Thread(target=listen, daemon=True).start()
        await server.serve_forever()

    asyncio.run(main())
