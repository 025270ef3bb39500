"""Mail servers that hang, stall or refuse everybody, a wrong key beside a right one, and how quickly mail leaves."""

import contextlib
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

from lib import company
from lib.fault import fault, now
from lib.load import wait_until


def invite_many(run, portal, count, prefix, lines=500):
    """So many invitations, each to another address, from as many accounts as their limits ask for."""
    emails = [f"{prefix}-{number}@faults.example" for number in range(count)]
    forms = [emails[start:start + lines] for start in range(0, count, lines)]
    senders = [other.client(portal, timeout=60) for other in run.company.others]
    slugs = [other.slug for other in run.company.others]

    def send(number):
        at = number % len(senders)
        client = portal.client(senders[at].cookies, timeout=60)
        for _ in range(50):
            answer = company.invite(client, slugs[at], forms[number])
            if answer.status not in (429, 503):
                break
            # A form that long is one at a time.
            time.sleep(0.2)
        client.close()
        if answer.status not in (200, 303):
            raise RuntimeError(f"inviting: {answer.status} {answer.text[:300]}")

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(send, range(len(forms))))
    return set(emails)


def most_copies(run):
    return max(run.mail.copies().values(), default=0)


@fault("mail-server-hangs", databases=("sqlite",))
def hangs(run):
    """It takes connections and never answers; pages do not wait for it, and neither does the end of the process."""
    portal, owner = run.portal(), run.company.owner
    run.mail.behave(silent=True)
    client, slowest = owner.client(portal), 0.0
    for number in range(10):
        slowest = max(slowest, company.invite(client, owner.slug, [f"hang{number}@faults.example"]).seconds)
    run.at_most("inviting, slowest", 1_000 * slowest, 1_000, " ms")
    time.sleep(1)
    run.at_most("SIGTERM to exit", portal.ends_within(60), 25, " s")


@fault("mail-server-hangs-after-data", databases=("sqlite",), quick=True)
def hangs_after_data(run):
    """The end of a message may take a server ten minutes (RFC 5321, 4.5.3.2.6); the process does not wait for that to end."""
    portal = run.portal()
    run.mail.behave(hang_after_data=True)
    company.invite(run.company.owner.client(portal), run.company.owner.slug, ["hang@faults.example"])
    time.sleep(2)
    run.at_most("SIGTERM to exit", portal.ends_within(60), 25, " s")


@fault("mail-server-slow", databases=("sqlite",))
def slow(run):
    """Nine seconds for every answer."""
    portal = run.portal()
    run.mail.behave(delay=9.0)
    invite_many(run, portal, 10, "slow")
    time.sleep(2)
    run.at_most("SIGTERM to exit", portal.ends_within(60), 25, " s")


@fault("mail-answered-late", databases=("sqlite",))
def answered_late(run):
    """It takes each message, and says so 20 seconds later."""
    portal = run.portal()
    run.mail.behave(data_delay=20.0)
    emails = invite_many(run, portal, 4, "late")
    time.sleep(100)
    run.exactly("mails lost", len(emails - run.mail.recipients()), 0)
    run.exactly("copies of one mail", most_copies(run), 1)


def refused_for_a_while(run, what, **behaviour):
    """Everything is refused for four seconds, then nothing is."""
    portal = run.portal()
    run.mail.behave(**behaviour)
    emails = invite_many(run, portal, 50, what)
    wait_until(lambda: run.mail.refused() > 0, 10)
    time.sleep(4)
    run.figure(f"{what}: refused", run.mail.refused())
    run.mail.behave()
    # What was tried once waits for its next try.
    wait_until(lambda: emails <= run.mail.recipients(), 45 if run.quick else 150, step=0.1)
    run.exactly(f"{what}: lost of 50", len(emails - run.mail.recipients()), 0)
    run.at_most(f"{what}: copies of one mail", most_copies(run), 1)
    portal.stop()


@fault("mail-every-recipient-refused", databases=("sqlite",))
def every_recipient(run):
    refused_for_a_while(run, "rcpt", rcpt="550 5.1.1 no such user")


@fault("mail-relay-denied", databases=("sqlite",), quick=True)
def relay_denied(run):
    refused_for_a_while(run, "554", rcpt="554 5.7.1 Relay access denied")
    if not run.quick:
        refused_for_a_while(run, "550", rcpt="550 relaying denied")


@fault("mail-sender-refused", databases=("sqlite",))
def sender_refused(run):
    refused_for_a_while(run, "sender", mail="553 5.7.1 Sender address rejected: not owned by user")


@fault("mail-refused-for-now", databases=("sqlite",))
def refused_for_now(run):
    """451, 421 and a 554 at the door: nothing is given up."""
    refused_for_a_while(run, "451", data="451 4.3.0 try again")
    refused_for_a_while(run, "421", rcpt="421 4.3.2 closing")
    refused_for_a_while(run, "door", greeting="554 no service here")


@fault("mail-wrong-key", databases=("postgresql",), quick=True)
def wrong_key(run):
    """One of two processes has another secret key."""
    right = run.portal("right")
    wrong = run.portal("wrong", start=False, PORTICO_SECRET_KEY=secrets.token_hex(48))
    with contextlib.suppress(RuntimeError):
        wrong.start(wait=4)
    refused = wrong.process.poll() is not None
    ready = None if refused else wrong.readiness()
    run.figure("the wrong one", "refuses to start" if refused else f"runs, /readyz {ready}")
    run.holds("the wrong one is not ready", ready != 200)
    run.mail.forget()
    emails = invite_many(run, right, 400, "key", lines=50)
    wait_until(lambda: emails <= run.mail.recipients(), 60 if run.quick else 200, step=0.1)
    run.exactly("mails lost of 400", len(emails - run.mail.recipients()), 0)
    run.at_most("copies of one mail", most_copies(run), 1)


@fault("mail-rate", alone=True)
def rate(run):
    """From many invitations in the outbox to the last one at a server that answers at once."""
    count = 1_000 if run.quick else 5_000
    rate_of(run, [run.portal()], count, at_least=200)


@fault("mail-rate-two-processes", databases=("postgresql",))
def rate_of_two(run):
    rate_of(run, [run.portal("one"), run.portal("two")], 5_000, at_least=200)


def rate_of(run, portals, count, at_least, behaviour=None, within=None):
    # They wait together: what is measured is the delivery, not the inviting.
    run.mail.behave(silent=True)
    emails = invite_many(run, portals[0], count, "rate")
    for portal in portals:
        portal.stop()
    run.mail.forget()
    run.mail.behave(**(behaviour or {}))
    all_due_now(run)
    for portal in portals:
        portal.start()
    seconds = wait_until(lambda: run.mail.count() >= count, within or count / 10, step=0.05)
    taken = run.mail.taken()
    spread = taken[-1][0] - taken[0][0] if len(taken) > 1 else 0
    run.figure("mails", len(taken))
    run.at_least("rate", (len(taken) - 1) / spread if spread and seconds is not None else
                 len(taken) / (within or count / 10), at_least, "/s")
    run.at_most("copies of one mail", most_copies(run), 1)
    time.sleep(1)
    run.exactly("not there", len(emails - run.mail.recipients()), 0)


def all_due_now(run):
    """A mail that was being tried when the process ended is due again at once."""
    past = "2026-01-01 00:00:00.000000"
    run.store.execute(f"UPDATE jobs SET due_at = '{past}', claimed_by = NULL WHERE kind = 'mail.deliver'")


@fault("mail-rate-slow-server")
def rate_slow(run):
    """200 ms for the answer to each message: lanes beside each other make up for some of it."""
    rate_of(run, [run.portal()], 300, at_least=12, behaviour={"data_delay": 0.2}, within=120)


@fault("mail-reset-behind-bulk", quick=True, alone=True)
def reset_behind_bulk(run):
    """Somebody waits for a password reset while thousands of invitations are in the outbox."""
    count, portal = (2_000 if run.quick else 10_000), run.portal()
    run.mail.behave(data_delay=0.05)
    invite_many(run, portal, count, "bulk")
    before = run.mail.count()
    run.figure("invitations before it", count - before)
    asked = now()
    answer = portal.client().post("/forgot-password", {"email": run.company.members[3].email})
    if answer.status not in (200, 303):
        raise RuntimeError(f"forgot-password: {answer.status}")
    run.at_most("the reset is there after",
                wait_until(lambda: run.company.members[3].email in run.mail.recipients(), 30) and now() - asked, 5, " s")
    run.at_least("invitations that still wait then", count - run.mail.count(), 100)
