"""A log that cannot be written, and a clock that was wrong for a while."""

import os

from lib import company
from lib.fault import fault
from lib.load import Load, wait_until


def goes_on(run, portal, name):
    """Pages are shown, a change is made, its mail leaves, and the process ends when it is told to."""
    client = run.company.owner.client(portal, timeout=5)
    samples = Load([company.people_page(portal, run.company.owner, timeout=5) for _ in range(4)]).during(2)
    run.figure(f"{name}: pages", len(samples))
    run.exactly(f"{name}: pages not shown", len(samples) - samples.count(200), 0)
    email = f"log-{name.replace(' ', '-')}@faults.example"
    try:
        status = company.invite(client, run.company.owner.slug, [email]).status
    except OSError as error:
        status = type(error).__name__
    run.exactly(f"{name}: a change is answered", status, 303)
    mail = wait_until(lambda: email in run.mail.recipients(), 10)
    run.at_most(f"{name}: its mail leaves within", mail, 10, " s")
    run.at_most(f"{name}: SIGTERM to exit", portal.ends_within(30), 25, " s")


@fault("log-reader-gone", databases=("sqlite",), quick=True)
def reader_gone(run):
    portal = run.portal(start=False)
    ours, theirs = os.pipe()
    portal.start(log=theirs)
    os.close(theirs)
    os.close(ours)
    goes_on(run, portal, "reader gone")


@fault("log-reader-stalled", databases=("sqlite",), quick=True)
def reader_stalled(run):
    portal = run.portal(start=False)
    ours, theirs = os.pipe()
    portal.start(log=theirs)
    goes_on(run, portal, "reader stalled")
    os.close(theirs)
    os.close(ours)


@fault("log-disk-full", databases=("sqlite",), quick=True)
def disk_full(run):
    portal = run.portal(start=False)
    full = os.open("/dev/full", os.O_WRONLY)
    portal.start(log=full)
    os.close(full)
    goes_on(run, portal, "log disk full")


@fault("clock-was-a-year-ahead", quick=True)
def year_ahead(run):
    """What a clock that was a year ahead left in the counters of limits: they end in a year. It must not lock out for longer than
    the window that the limit has."""
    portal, email = run.portal(), run.company.members[0].email
    client = portal.client()
    for _ in range(11):
        client.post("/sign-in", {"email": email, "password": "not this one at all"})
    answer = client.post("/sign-in", {"email": email, "password": "not this one at all"})
    run.exactly("locked", answer.status, 429)
    year = {"sqlite": "strftime('%Y-%m-%d %H:%M:%f', ends_at, '+1 year') || '000'",
            "postgresql": "ends_at + interval '1 year'"}[run.database]
    run.store.execute(f"UPDATE rate_limits SET ends_at = {year}")
    answer = client.post("/sign-in", {"email": email, "password": company.PASSWORD})
    wait = int(answer.headers.get("Retry-After", 0)) if answer.status == 429 else 0
    run.at_most("locked out for", wait / 60, 60, " min")
