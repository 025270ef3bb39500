"""Clients that are slow, many, or ask for much: what other people notice."""

import asyncio
import itertools
import multiprocessing
import resource
import time

from lib import company
from lib.client import PUBLIC_URL, some_ip
from lib.fault import fault, now
from lib.load import Load

_fork = multiprocessing.get_context("fork")


class Crowd:
    """So many connections in a process of its own, each of which runs `one(reader, writer)` until it is closed by either side."""

    def __init__(self, portal, count, one):
        self.portal, self.count, self.one = portal, count, one
        self._ours, theirs = _fork.Pipe()
        self._process = _fork.Process(target=self._run, args=(theirs,), daemon=True)
        self._process.start()
        self.connected = self._ours.recv()

    def alive(self):
        """How many connections are still open."""
        self._ours.send("count")
        return self._ours.recv()

    def stop(self):
        self._process.kill()
        self._process.join()

    def _run(self, pipe):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2 * self.count + 100)), hard))
        asyncio.run(self._main(pipe))

    async def _main(self, pipe):
        living = set()

        async def hold():
            reader, writer = await asyncio.open_connection(*self.portal.address)
            living.add(writer)
            try:
                await self.one(reader, writer)
            except (OSError, asyncio.IncompleteReadError):
                pass
            living.discard(writer)
            writer.close()

        tasks = [asyncio.create_task(hold()) for _ in range(self.count)]
        await asyncio.sleep(2)
        pipe.send(len(living))
        while True:
            await asyncio.to_thread(pipe.recv)
            pipe.send(len(living))
        del tasks


async def slow_body(reader, writer):
    """One byte every four seconds, each from a network of its own."""
    writer.write(f"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nOrigin: {PUBLIC_URL}\r\nContent-Length: 60000\r\n"
                 f"X-Forwarded-For: {some_ip()}\r\nContent-Type: application/x-www-form-urlencoded\r\n\r\nemail=".encode())

    async def drip():
        while True:
            writer.write(b"a")
            await writer.drain()
            await asyncio.sleep(4)

    dripping = asyncio.create_task(drip())
    try:
        # Until the other side answers and closes.
        while await reader.read(65_536):
            pass
    finally:
        dripping.cancel()


def visitor(portal, path="/sign-in", what="visitor"):
    """Somebody who comes for the first time: a new connection."""
    def come():
        client = portal.client(timeout=20)
        try:
            return client.get(path).status, what
        finally:
            client.close()

    return come


def slow_bodies(run, count, open_files):
    portal = run.portal(start=False)
    portal.open_files = open_files
    portal.start()
    crowd = Crowd(portal, count, slow_body)
    run.closing(crowd.stop)
    samples = Load([visitor(portal)], pause=0.2).during(8 if run.quick else 30)
    run.figure("slow bodies", crowd.connected)
    run.figure("visitors", len(samples))
    run.exactly("visitors not answered", len(samples) - samples.count(200), 0)
    run.at_most("visitors, slowest", samples.slowest(), 1, " s")
    if not run.quick:
        time.sleep(35)
        run.exactly("slow bodies still there after 75 s", crowd.alive(), 0)


@fault("slow-bodies", databases=("sqlite",), quick=True, alone=True)
def slow_bodies_soft_limit(run):
    """1,000 anonymous forms that come byte by byte, at the usual soft limit of 1,024 open files."""
    slow_bodies(run, 1_000, (1_024, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))


@fault("slow-bodies-few-files", databases=("sqlite",))
def slow_bodies_hard_limit(run):
    """The same where that is the hard limit, too: there are files for 850 and a new visitor."""
    slow_bodies(run, 850, (1_024, 1_024))


def many_people(run, count):
    """Open invitations by the thousand, written to the database: an export that fits no socket's buffer."""
    owner = run.company.owner
    organization = run.store.value(f"SELECT id FROM organizations WHERE slug = '{owner.slug}'")
    user = run.store.value(f"SELECT id FROM users WHERE email = '{owner.email}'")
    numbers = run.store.numbers(count)
    address = "'crowd-of-people-with-a-long-address-' || i || '@a-rather-long-domain.faults.example'"
    run.store.execute(
        f"{numbers} INSERT INTO invitations (id, organization_id, email, role, secret_hash, invited_by, sent_at, expires_at,"
        f" created_at) SELECT 'inv_crowd' || i, '{organization}', {address}, 'reader', 'crowd' || i, '{user}',"
        " '2026-01-01 00:00:00.000000', '2099-01-01 00:00:00.000000', '2026-01-01 00:00:00.000000' FROM n")
    separator = {"sqlite": ("char(1)", "char(31)"), "postgresql": ("chr(1)", "chr(31)")}[run.database]
    run.store.execute(
        f"{numbers} INSERT INTO people_terms (organization_id, kind, term, entry_id, role) SELECT '{organization}', 'invitation',"
        f" {separator[0]} || {address} || {separator[1]} || 'inv_crowd' || i, 'inv_crowd' || i, 'reader' FROM n")


@fault("exports-not-read")
def exports_not_read(run):
    """100 people ask for the CSV of 60,000 and read nothing of it."""
    portal = run.portal()
    many_people(run, 60_000)
    owner = run.company.owner
    cookie = "; ".join(f"{name}={value}" for name, value in owner.cookies.items())

    async def read_nothing(reader, writer):
        writer.transport.pause_reading()
        writer.write(f"GET {owner.path('/people/export.csv')} HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n\r\n".encode())
        await asyncio.sleep(3_600)

    quiet = Load([company.people_page(portal, owner)], pause=0.01).during(3)
    crowd = Crowd(portal, 100, read_nothing)
    run.closing(crowd.stop)
    busy = Load([company.people_page(portal, owner)], pause=0.01).during(6)
    run.figure("readers", crowd.connected)
    run.exactly("pages not shown", len(busy) - busy.count(200), 0)
    run.figure("undisturbed median", quiet.median_ms(), " ms")
    run.figure("disturbed median", busy.median_ms(), " ms")
    time.sleep(90)
    run.exactly("still there after 100 s", portal.connections(), 0)
    second = Crowd(portal, 100, read_nothing)
    run.closing(second.stop)
    run.at_most("SIGTERM to exit with 100 of them", portal.ends_within(40), 25, " s")


@fault("connection-burst", databases=("sqlite",), quick=True, alone=True)
def burst(run):
    """500 new connections at the same moment."""
    portal = run.portal()

    async def come(start):
        await start.wait()
        began = now()
        reader, writer = await asyncio.open_connection(*portal.address)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = await reader.read()
        writer.close()
        return now() - began, answer.startswith(b"HTTP/1.1 200")

    async def crowd():
        start = asyncio.Event()
        tasks = [asyncio.create_task(come(start)) for _ in range(500)]
        await asyncio.sleep(0.1)
        start.set()
        return await asyncio.gather(*tasks)

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 2_048)), hard))
    results = asyncio.run(crowd())
    seconds = sorted(took for took, _ in results)
    run.exactly("answered of 500", sum(good for _, good in results), 500)
    run.at_most("p95", seconds[int(len(seconds) * 0.95)], 0.95, " s")
    run.figure("slowest", seconds[-1], " s")


@fault("big-forms", quick=("sqlite",), alone=True)
def big_forms(run):
    """Eight connections, each of another account, send 500 invitations at a time without a pause."""
    portal, seconds = run.portal(), 4 if run.quick else 15
    run.mail.behave(silent=True)
    page = company.people_page(portal, run.company.owner)
    Load([page]).during(1)
    quiet = Load([page], pause=0.002).during(seconds)

    def sender(account, number):
        client, forms = account.client(portal, timeout=60), itertools.count()

        def send():
            form = next(forms)
            emails = [f"big-{number}-{form}-{line}@faults.example" for line in range(500)]
            return company.invite(client, account.slug, emails).status, "form"

        return send

    forms = Load([sender(account, number) for number, account in enumerate(run.company.others)], nice=5).start()
    time.sleep(0.5)
    busy = Load([company.people_page(portal, run.company.owner)], pause=0.002).during(seconds)
    sent = forms.stop(120)
    run.answers(sent, "forms: ")
    run.exactly("pages not shown", len(busy) - busy.count(200), 0)
    run.figure("undisturbed median", quiet.median_ms(), " ms")
    run.figure("disturbed median", busy.median_ms(), " ms")
    run.figure("disturbed p99", 1_000 * busy.percentile(99), " ms")
    run.at_most("ratio of medians", busy.median_ms() / quiet.median_ms(), 5)


@fault("refused-sign-ups", quick=True, alone=True)
def refused_sign_ups(run):
    """One network signs up again and again, far beyond its limit."""
    portal, numbers = run.portal(), itertools.count()

    def again():
        client = portal.client(ip="198.51.100.7")
        number = next(numbers)
        status = client.post("/sign-up", company.sign_up_form(f"refused{number}@faults.example")).status
        client.close()
        return status, "sign-up"

    statuses = [again()[0] for _ in range(70)]
    run.at_least("refused of the first 70", statuses.count(429), 5)
    before, count = portal.cpu(), 500
    statuses = [again()[0] for _ in range(count)]
    run.exactly("refused of 500", statuses.count(429), count)
    run.at_most("CPU of a refused one", 1_000 * (portal.cpu() - before) / count, 5, " ms")
