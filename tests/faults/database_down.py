"""A PostgreSQL that dies, stalls, cannot be reached, or takes connections and never says a word."""

import contextlib
import os
import random
import socket
import subprocess
import threading
import time

from killed import Writers, lost, uneven
from lib import company
from lib.fault import Skipped, fault, now
from lib.load import Load, Samples, wait_until
from lib.postgresql import Cluster

ONLY = ("postgresql",)
PATIENCE = 3.0


def visitors(run, portal, people, others=4):
    """So many who look at the people page, and some at the pages that need nothing of the database, and at /readyz."""
    found = [company.people_page(portal, run.company.owner) for _ in range(people)]
    for path in ("/sign-in", "/readyz") * (others // 2):
        client = portal.client()
        found.append(lambda client=client, path=path: (client.get(path).status, path))
    return found


def answered_in_time(run, samples, start, end):
    """That whoever asked between start and end was answered within three seconds, and with nothing but 200 and 503."""
    within = samples.between(start, end)
    run.answers(within)
    # Otherwise nothing happened to the database.
    run.at_least("refused", within.count(0, 503), 1)
    run.at_most("slowest", within.slowest(), PATIENCE, " s")
    for path in ("/sign-in", "/readyz"):
        run.figure(f"{path}, slowest", within.named(path).slowest(), " s")
    run.exactly("without an answer", within.count(0), 0)


def good_again(samples, since):
    """Seconds from `since` until the first people page that was asked for after it was good."""
    good = [s.began + s.seconds - since for s in samples.named("people").of(200) if s.began + s.seconds >= since]
    return min(good, default=None)


@fault("kill-postgresql", databases=ONLY, quick=True, alone=True)
def kill_postgresql(run):
    portal = run.portal()
    load = Load(Writers(run, [portal], "pgkill").clients(), pause=0.005).start()
    kills, back = (3 if run.quick else 25), []
    for _ in range(kills):
        time.sleep(random.uniform(0.3, 0.8))
        run.cluster.kill()
        run.cluster.start()
        started = now()
        wait_until(portal.is_ready, 20)
        client = run.company.owner.client(portal)
        wait_until(lambda: client.get(run.company.owner.path("/people")).status == 200, 20)
        back.append(now() - started)
    time.sleep(0.3)
    samples = load.stop()
    portal.stop()
    run.figure("kills", kills)
    run.answers(samples)
    run.exactly("without an answer", samples.count(0), 0)
    run.exactly("answered and lost", len(lost(run, samples)), 0)
    run.exactly("changes without activity, mail or place in the list", uneven(run), 0)
    run.at_most("slowest answer", samples.slowest(), PATIENCE, " s")
    run.at_most("good again after it listens, slowest", max(back), 3, " s")


@fault("postgresql-down", databases=ONLY, quick=True)
def postgresql_down(run):
    portal = run.portal()
    load = Load(visitors(run, portal, people=36), pause=0.02).start()
    time.sleep(1)
    began = now()
    run.cluster.kill()
    time.sleep(8 if run.quick else 30)
    ended = now()
    run.cluster.start()
    up = now()
    time.sleep(4)
    samples = load.stop()
    run.figure("down", ended - began, " s")
    answered_in_time(run, samples, began, ended)
    run.figure("people, median", samples.named("people").between(began + 1, ended).median_ms(), " ms")
    run.at_most("good again after it listens", good_again(samples, up), 3, " s")


@fault("postgresql-stalled", databases=ONLY, quick=True)
def postgresql_stalled(run):
    """SIGSTOP: connections stay open, the kernel acknowledges, nobody answers."""
    portal = run.portal()
    load = Load(visitors(run, portal, people=16), pause=0.02).start()
    time.sleep(1)
    began = now()
    run.cluster.pause()
    run.closing(run.cluster.resume)
    time.sleep(8 if run.quick else 20)
    ended = now()
    run.cluster.resume()
    time.sleep(4)
    samples = load.stop()
    run.figure("stalled", ended - began, " s")
    answered_in_time(run, samples, began, ended)
    run.at_most("good again afterwards", good_again(samples, ended), 3, " s")


@fault("stop-while-postgresql-stalls", databases=ONLY, quick=True)
def stop_while_stalled(run):
    portal = run.portal()
    load = Load(visitors(run, portal, people=6), pause=0.05).start()
    time.sleep(0.5)
    run.cluster.pause()
    run.closing(run.cluster.resume)
    time.sleep(1)
    run.at_most("SIGTERM to exit, with requests", portal.ends_within(30), 25, " s")
    run.cluster.resume()
    load.stop()
    portal.start()
    time.sleep(0.5)
    run.cluster.pause()
    # Long enough for the background to have asked the database for something.
    time.sleep(4)
    run.at_most("SIGTERM to exit, idle", portal.ends_within(30), 25, " s")


@fault("postgresql-silent", databases=ONLY, quick=True)
def postgresql_silent(run):
    """Something accepts the connection and never says a word."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    run.closing(listener.close)
    held = []

    def accept():
        with contextlib.suppress(OSError):
            while True:
                held.append(listener.accept()[0])

    threading.Thread(target=accept, daemon=True).start()
    url = f"postgres://postgres@127.0.0.1:{listener.getsockname()[1]}/portico"
    # Waiting for the database at the start, where a build does that, is not what is measured.
    portal = run.portal(start=False, url=url, PORTICO_DATABASE_WAIT="0")
    for command in ("migrate", "doctor", "serve"):
        began = now()
        try:
            done = portal.command(command, timeout=25)
            run.at_most(f"{command} ends", now() - began, 10, " s")
            told = done.stdout + done.stderr
            run.holds(f"{command} says why", done.returncode != 0 and "atabase" in told)
        except subprocess.TimeoutExpired:
            run.at_most(f"{command} ends", None, 10, " s")
    for connection in held:
        connection.close()


class Namespace:
    """A network of its own for PostgreSQL, whose answers can be lost on their way back: its route to this side is taken away."""

    def __init__(self):
        self.name = f"faults{os.getpid()}"
        self.host, self.guest = "10.231.7.1", "10.231.7.2"
        self.outside, self.inside = "faults-out", "faults-in"

    def make(self):
        for command in (
            f"ip netns add {self.name}",
            f"ip link add {self.outside} type veth peer name {self.inside} netns {self.name}",
            f"ip addr add {self.host}/30 dev {self.outside}",
            f"ip link set {self.outside} up",
            f"ip -n {self.name} addr add {self.guest}/30 dev {self.inside}",
            f"ip -n {self.name} link set {self.inside} up",
            f"ip -n {self.name} link set lo up",
        ):
            subprocess.run(command.split(), check=True, capture_output=True)
        # This side knows the other's hardware address for good: nothing is to notice that it is gone.
        shown = subprocess.run(["ip", "-n", self.name, "-o", "link", "show", self.inside], check=True, capture_output=True)
        address = shown.stdout.decode().split("link/ether ")[1].split()[0]
        subprocess.run(["ip", "neigh", "replace", self.guest, "lladdr", address, "dev", self.outside, "nud", "permanent"],
                       check=True, capture_output=True)

    def lose(self):
        subprocess.run(["ip", "-n", self.name, "route", "flush", "table", "main"], check=True)

    def find_again(self):
        subprocess.run(["ip", "-n", self.name, "route", "add", f"{self.host}/32", "dev", self.inside], check=True)

    def remove(self):
        subprocess.run(["ip", "link", "del", self.outside], capture_output=True)
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)


@fault("packets-lost", databases=ONLY)
def packets_lost(run):
    network = Namespace()
    run.closing(network.remove)
    try:
        network.make()
    except (OSError, subprocess.CalledProcessError) as why:
        raise Skipped(f"needs root and network namespaces ({why})") from why
    cluster = Cluster(os.path.join(run.folder, "far"), host=network.guest, namespace=network.name)
    cluster.start()
    run.closing(cluster.stop)
    people, near = run.grounds.company("postgresql")
    database = cluster.create()
    subprocess.run(cluster.psql_command(database), input=near.cluster.dump(near.database), check=True,
                   stdout=subprocess.DEVNULL)
    portal = run.portal(url=cluster.url(database), PORTICO_DATABASE_TLS="optional")
    load = Load(visitors(run, portal, people=16), pause=0.05).start()
    time.sleep(1)
    began = now()
    network.lose()
    time.sleep(60)
    ended = now()
    network.find_again()
    time.sleep(25)
    samples = load.stop(120)
    run.figure("packets lost", ended - began, " s")
    answered_in_time(run, samples, began, ended)
    run.at_most("good again afterwards", good_again(samples, ended), 5, " s")


@fault("postgresql-read-only", databases=ONLY, quick=True)
def postgresql_read_only(run):
    """As after a failover: the server that answers takes no changes; then it does again."""
    portal, people = run.portal(), run.company
    database = run.store.database

    def read_only(value):
        run.cluster.psql("postgres", f"ALTER SYSTEM SET default_transaction_read_only = {value}")
        run.cluster.psql("postgres", "SELECT pg_reload_conf()")
        wait_until(lambda: run.cluster.psql("postgres", "SHOW default_transaction_read_only")[0][0] == value, 10)

    run.closing(lambda: read_only("off"))
    long_ago = "now() AT TIME ZONE 'UTC' - interval '20 minutes'"
    run.cluster.psql(database, f"UPDATE user_sessions SET last_seen_at = {long_ago}")
    writers = Writers(run, [portal], "readonly").clients(inviters=2, roles=2, sign_ups=0)
    load = Load(visitors(run, portal, people=4) + writers, pause=0.02).start()
    time.sleep(1)
    run.cluster.psql(database, f"UPDATE user_sessions SET last_seen_at = {long_ago}")
    read_only("on")
    began = now()
    time.sleep(3)
    readiness = portal.readiness()
    ended = now()
    read_only("off")
    repaired = now()
    time.sleep(4)
    samples = load.stop()
    within = samples.between(began + 0.2, ended - 0.2)
    pages = within.named("people")
    writes = [s for s in within if s.what.split(" ")[0] in ("invited", "role")]
    run.figure("pages", len(pages))
    run.exactly("pages not shown", len(pages) - pages.count(200), 0)
    run.answers(Samples(writes), "writes: ")
    run.exactly("writes not answered 503", sum(s.status != 503 for s in writes), 0)
    run.exactly("/readyz meanwhile", readiness, 503)
    after = [s for s in samples if s.what.split(" ")[0] in ("invited", "role") and s.began > repaired]
    good = [s.began - repaired for s in after if s.status == 303]
    run.at_most("first good write after the repair", min(good, default=None), 2, " s")
    late = [s for s in after if s.began > repaired + 2.5 and s.status not in (303, 409)]
    run.exactly("bad writes later than 2.5 s after it", len(late), 0)


@fault("connections-end", databases=ONLY)
def connections_end(run):
    """`pg_terminate_backend` of everybody, four times a second."""
    portal = run.portal()
    load = Load(visitors(run, portal, people=6), pause=0.005).start()
    until = now() + 15
    while now() < until:
        run.cluster.psql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                                     f"'{run.store.database}' AND pid <> pg_backend_pid()")
        time.sleep(0.25)
    samples = load.stop()
    run.answers(samples)
    run.at_most("refused", 100 * samples.count(503) / len(samples), 20, " %")
    run.at_most("slowest", samples.slowest(), PATIENCE, " s")
