"""The file system under SQLite: full, gone, or shared with a second process; and a backup while people write."""

import contextlib
import os
import subprocess
import time

from killed import Writers, lost, uneven
from lib import company
from lib.fault import Skipped, fault, now
from lib.load import Load, Samples, wait_until
from lib.store import Sqlite

ONLY = ("sqlite",)


def small_disk(run, megabytes):
    """A file system of a few megabytes, mounted below the run's folder."""
    path = os.path.join(run.folder, "disk")
    os.makedirs(path)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", path], capture_output=True, text=True)
    if mounted.returncode != 0:
        raise Skipped(f"needs root to mount a small file system ({mounted.stderr.strip()})")
    run.closing(lambda: subprocess.run(["umount", "-l", path], check=False))
    return path


def fill(path):
    filler = os.path.join(path, "filler")
    with open(filler, "wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4_096)
    return filler


@fault("disk-full", databases=ONLY, quick=True)
def disk_full(run):
    disk, _ = small_disk(run, 8), run.company
    run.store = run.store.copy_to(os.path.join(disk, "portico.db"))
    portal = run.portal()
    # Sessions that were last seen long ago: a page would like to note that they are back, and cannot.
    run.store.execute("UPDATE user_sessions SET last_seen_at = datetime('now', '-20 minutes') || '.000000'")
    writers = Writers(run, [portal], "full").clients(inviters=2, roles=2, sign_ups=1)
    filler = fill(disk)
    load = Load([company.people_page(portal, run.company.owner)] + writers, pause=0.01).start()
    # What is left in files that are there already is used up first.
    time.sleep(2)
    began = now()
    probe = run.company.owner.client(portal)
    refusal = company.invite(probe, run.company.owner.slug, ["probe@faults.example"])
    readiness = portal.readiness()
    time.sleep(3)
    ended = now()
    os.remove(filler)
    freed = now()
    time.sleep(2)
    samples = load.stop()
    portal.stop()
    within = samples.between(began, ended - 0.2)
    pages = within.named("people")
    writes = Samples(s for s in within if s.what.split(" ")[0] in ("invited", "role", "signed-up"))
    run.figure("pages", len(pages))
    run.exactly("pages not shown", len(pages) - pages.count(200), 0)
    run.answers(writes, "writes: ")
    run.at_least("writes refused", writes.count(503), 1)
    if refusal.status != 303:
        run.holds("a refusal says when to come back", refusal.status == 503 and "Retry-After" in refusal.headers)
    run.exactly("/readyz meanwhile", readiness, 503)
    good = [s.began - freed for s in samples.of(303) if s.began > freed]
    run.at_most("first good write after space is freed", min(good, default=None), 3, " s")
    run.exactly("answered and lost", len(lost(run, samples)), 0)
    run.exactly("half stored", uneven(run), 0)
    run.holds("the database is whole", run.store.is_whole())


@fault("sqlite-file-deleted", databases=ONLY, quick=True)
def file_deleted(run):
    portal = run.portal()
    for end in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.remove(run.store.path + end)
    run.at_most("noticed by /readyz after", wait_until(lambda: portal.readiness() == 503, 20), 10, " s")
    answer = company.invite(run.company.owner.client(portal), run.company.owner.slug, ["nowhere@faults.example"])
    run.exactly("a write is answered", answer.status, 503)


@fault("sqlite-served-twice", databases=ONLY, quick=True)
def served_twice(run):
    run.portal("first")
    second = run.portal("second", start=False)
    second.start(wait=0)
    try:
        code = second.process.wait(8)
        run.holds("the second is refused", code != 0)
    except subprocess.TimeoutExpired:
        run.holds("the second is refused", False)


@fault("backup-under-writes", databases=ONLY, quick=True, alone=True)
def backup(run):
    portal = run.portal()
    if "backup" not in portal.command("--help").stdout:
        run.holds("there is `portico backup`", False)
        return
    make_large(run.store, 20_000 if run.quick else 400_000)
    writers = Writers(run, [portal], "backup").clients(inviters=2, roles=6, sign_ups=0)
    load = Load(writers, pause=0.07).start()
    time.sleep(3)
    target, began = os.path.join(run.folder, "backup.db"), now()
    try:
        done = portal.command("backup", target, timeout=120)
        took = now() - began
    except subprocess.TimeoutExpired:
        done, took = None, None
    time.sleep(0.5)
    samples = load.stop()
    before = Samples(s for s in samples if s.began + s.seconds < began)
    meanwhile = samples.between(began, began + (took or 120))
    run.figure("database", run.store.files()[""] / 1e6, " MB")
    run.figure("writes", len(samples) / max(0.1, samples[-1].began - samples[0].began), "/s")
    run.at_most("it takes", took, 60, " s")
    run.holds("it succeeds", done is not None and done.returncode == 0)
    run.answers(meanwhile, "writes meanwhile: ")
    run.at_most("writes meanwhile, slowest", meanwhile.slowest(), 3, " s")
    if done is None or done.returncode != 0:
        return
    restored = Sqlite(os.path.join(run.folder, "restored.db"))
    again = run.portal("restored", start=False, url=restored.url)
    done = again.command("restore", target)
    run.holds("it restores", done.returncode == 0)
    if done.returncode != 0:
        run.figure("restore said", (done.stdout + done.stderr).strip()[-200:])
        return
    run.store = restored
    run.exactly("answered before it began and not in it", len(lost(run, before)), 0)
    run.exactly("changes without activity, mail or place in the list", uneven(run), 0)
    run.holds("what it restores is whole", restored.is_whole())
    again.start()
    run.exactly("the restored portal shows people", again.client(run.company.owner.cookies).get(
        run.company.owner.path("/people")).status, 200)


def make_large(store, rows):
    """Half a kilobyte a row of activity of another Organization."""
    store.execute(
        f"{store.numbers(rows)} INSERT INTO activity (id, organization_id, at, actor_id, actor_name, actor_role, ip, action,"
        " subject_id, subject_name, before, after) SELECT 'act_filler' || i, NULL, '2026-01-01 00:00:00.000000', 'usr_filler',"
        " 'Filler', '', '', 'account.created', 'usr_filler', 'Filler', '', printf('%.400c', 'x') FROM n")
