"""A lock that somebody else holds, and many who write at once."""

import time

from killed import Writers
from lib import company
from lib.client import Client
from lib.fault import fault, now
from lib.load import Load, Samples


def stranger_and_owner(run, portal, readers):
    """Who only looks: at the people page, another Organization's, the sign-in page, and /readyz."""
    other = run.company.others[0]
    sign_in: Client = portal.client()
    ready: Client = portal.client()
    found = [company.people_page(portal, run.company.owner) for _ in range(readers)]
    found += [company.people_page(portal, other) for _ in range(readers)]
    found += [lambda: (sign_in.get("/sign-in").status, "sign-in"), lambda: (ready.get("/readyz").status, "readyz")]
    return found


@fault("lock-held", quick=True)
def lock_held(run):
    """SQLite's write lock, or the row of an Organization, is held for a while, and twelve people want to write meanwhile."""
    portal, seconds = run.portal(), 8 if run.quick else 15
    writers = [Writers.inviter(portal, run.company.owner, f"lock-{number}") for number in range(12)]
    load = Load(stranger_and_owner(run, portal, 2) + writers, pause=0.02).start()
    time.sleep(1.5)
    began = now()
    with run.store.writer_held(run.company.owner.slug):
        time.sleep(seconds)
    ended = now()
    time.sleep(2)
    samples = load.stop()
    within = samples.between(began, ended - 0.2)
    readers = Samples(s for s in within if s.what in ("people", "sign-in"))
    writes = Samples(s for s in within if s.what.startswith("invited") or s.status == 0)
    run.figure("reads", len(readers))
    run.exactly("reads not shown", len(readers) - readers.count(200), 0)
    run.at_most("reads p95", 1_000 * readers.percentile(95), 250, " ms")
    run.figure("reads, slowest", 1_000 * readers.slowest(), " ms")
    run.at_most("/readyz, slowest", within.named("readyz").slowest(), 3, " s")
    run.answers(writes, "writes: ")
    run.exactly("writes without an answer", writes.count(0), 0)
    after = Samples(s for s in samples if s.began > ended and s.what.startswith("invited"))
    run.at_least("good writes afterwards", after.count(303), 5)


@fault("many-writers", quick=("sqlite",), alone=True)
def many_writers(run):
    """32 people change roles without a pause; others look at the list of people."""
    portal = run.portal()
    # Warm, and each with the account of another person, as in life.
    seconds = 4 if run.quick else 10
    Load([company.people_page(portal, run.company.owner)]).during(1)
    quiet = Load([company.people_page(portal, run.company.owner)], pause=0.002).during(seconds)
    writers = Load([Writers.changer(portal, run.company, member) for member in run.company.members], nice=5).start()
    time.sleep(1)
    began = now()
    busy = Load([company.people_page(portal, run.company.owner)], pause=0.002).during(seconds)
    written = writers.stop().between(began, began + seconds)
    run.figure("changes", written.count(303) / seconds, "/s")
    run.answers(written, "writes: ")
    run.figure("undisturbed median", quiet.median_ms(), " ms")
    run.figure("disturbed median", busy.median_ms(), " ms")
    run.figure("disturbed p99", 1_000 * busy.percentile(99), " ms")
    run.exactly("pages not shown", len(busy) - busy.count(200), 0)
    run.at_most("ratio of medians", busy.median_ms() / quiet.median_ms(), 5 if run.database == "sqlite" else 8)


@fault("wal", databases=("sqlite",), quick=True, alone=True)
def wal(run):
    """Many writes while another program reads for a while: the log grows meanwhile, and is small again afterwards."""
    portal = run.portal()
    load = Load([Writers.changer(portal, run.company, member) for member in run.company.members[:8]]).start()
    with run.store.outside_reader():
        time.sleep(6 if run.quick else 15)
        grown = run.store.files().get("-wal", 0)
    time.sleep(3)
    samples = load.stop()
    time.sleep(1)
    run.figure("writes", samples.count(303))
    run.figure("WAL while the reader was there", grown / 1e6, " MB")
    run.at_most("WAL afterwards", run.store.files().get("-wal", 0) / 1e6, 80, " MB")


@fault("clean-up-of-many")
def clean_up_of_many(run):
    """200,000 sessions that ended are removed at the start, while people write."""
    count, user = 200_000, "(SELECT id FROM users WHERE email = 'owner@faults.example')"
    run.company  # the database
    numbers = run.store.numbers(count)
    long_ago = "'2020-01-01 00:00:00.000000'"
    run.store.execute(
        f"{numbers} INSERT INTO user_sessions (id, user_id, token_hash, created_at, last_seen_at, authenticated_at, expires_at, ip,"
        f" user_agent) SELECT 'ses_ended' || i, {user}, 'ended' || i, {', '.join([long_ago] * 4)}, '', '' FROM n")
    run.store.execute("UPDATE jobs SET due_at = '2026-01-01 00:00:00.000000' WHERE kind = 'sessions.purge'")
    portal = run.portal()
    began = now()
    left = "SELECT count(*) FROM user_sessions WHERE expires_at < '2021-01-01 00:00:00.000000'"
    writers = [Writers.changer(portal, run.company, member) for member in run.company.members[:4]]
    load = Load(writers + [company.people_page(portal, run.company.owner)], pause=0.01).start()
    time.sleep(20)
    removed = count - run.store.value(left)
    samples = load.stop().between(began, began + 20)
    writes = Samples(s for s in samples if s.what.startswith("role") or s.status == 0)
    run.at_least("removed in 20 s", removed, 5_000)
    run.answers(writes, "writes: ")
    run.exactly("writes refused", len(writes) - writes.count(303), 0)
    run.at_most("writes, slowest", writes.slowest(), 1, " s")
    run.at_most("pages p95", 1_000 * samples.named("people").percentile(95), 250, " ms")
