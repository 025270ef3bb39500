"""kill -9 of the portal while people change things."""

import itertools
import json
import random
import time

from lib import company
from lib.client import some_ip
from lib.fault import fault, now
from lib.load import Load, wait_until


class Writers:
    """Invites, changes roles and signs up, and remembers what was answered. Each runs in the process of the load; what it was
    answered comes back as the sample's `what`."""

    def __init__(self, run, portals, prefix):
        self.run, self.portals, self.prefix = run, portals, prefix

    def clients(self, inviters=2, roles=2, sign_ups=1):
        people, portal = self.run.company, itertools.cycle(self.portals)
        found = [self.inviter(next(portal), people.owner, f"{self.prefix}-{number}") for number in range(inviters)]
        found += [self.changer(next(portal), people, people.members[number]) for number in range(roles)]
        found += [self.signer_up(next(portal), f"{self.prefix}-{number}") for number in range(sign_ups)]
        return found

    @staticmethod
    def inviter(portal, owner, prefix):
        client, numbers = owner.client(portal), itertools.count()

        def send():
            email = f"invited-{prefix}-{next(numbers)}@faults.example"
            return company.invite(client, owner.slug, [email]).status, f"invited {email}"

        return send

    @staticmethod
    def changer(portal, people, member):
        client = people.owner.client(portal)
        page = member.path(f"/people/{member.membership}")
        known = {"role": None}

        def send():
            # After a crash the page says which role it is now, as it would to a person.
            if known["role"] is None:
                text = client.get(page).text
                known["role"] = next((role for role in company.ROLES if f'name="current" value="{role}"' in text), None)
            current = known["role"] or company.ROLES[0]
            role = company.ROLES[1 - company.ROLES.index(current)]
            known["role"] = None
            status = company.change_role(client, member, current, role).status
            if status == 303:
                known["role"] = role
            return status, f"role {member.membership} {role}"

        return send

    @staticmethod
    def signer_up(portal, prefix):
        client, numbers = portal.client(), itertools.count()

        def send():
            email = f"signed-up-{prefix}-{next(numbers)}@faults.example"
            client.ip = some_ip()
            client.cookies.clear()
            return client.post("/sign-up", company.sign_up_form(email)).status, f"signed-up {email}"

        return send


def lost(run, samples):
    """What was answered with success and is not in the database."""
    invited = {row[0] for row in run.store.rows("SELECT email FROM invitations")}
    signed_up = {row[0] for row in run.store.rows("SELECT email FROM sign_ups")}
    missing = []
    for sample in samples.of(200, 303):
        kind, _, rest = sample.what.partition(" ")
        if (kind == "invited" and rest not in invited) or (kind == "signed-up" and rest not in signed_up):
            missing.append(sample.what)
    return missing + lost_roles(run, samples)


def lost_roles(run, samples):
    """The activity of a member must be a chain that ends at their role now, and hold at least what was answered."""
    missing = []
    for member in run.company.members:
        answered = sum(s.status == 303 and s.what.startswith(f"role {member.membership} ") for s in samples)
        rows = run.store.rows(
            f"SELECT a.before, a.after, m.role FROM memberships m JOIN activity a ON a.subject_id = m.user_id"
            f" AND a.action = 'member.role.changed' WHERE m.id = '{member.membership}' ORDER BY a.id")
        if len(rows) < answered:
            missing.append(f"{answered - len(rows)} role changes of {member.email}")
        role = "reader"
        for before, after, _ in rows:
            if json.loads(before)["role"] != role:
                missing.append(f"the activity of {member.email} is broken")
            role = json.loads(after)["role"]
        if rows and rows[-1][2] != role:
            missing.append(f"the role of {member.email} is not that of the activity")
    return missing


def uneven(run):
    """Changes without an activity row, without a mail, or without their place in the list of people; and the other way round."""
    value = run.store.value
    invitations = value("SELECT count(*) FROM invitations")
    counted = {
        "activity": value("SELECT count(*) FROM activity WHERE action = 'invitation.sent'"),
        "mails": value("SELECT count(*) FROM outbox WHERE kind LIKE 'invitation%'"),
        "terms": value("SELECT count(DISTINCT entry_id) FROM people_terms WHERE kind = 'invitation'")
        + value("SELECT count(*) FROM invitations WHERE outcome IS NOT NULL"),
    }
    return sum(abs(invitations - count) for count in counted.values())


def kill_again_and_again(run, portals, kills, prefix):
    """Kills one of the portals at a random moment of the load, starts it again, and so on. Answers samples and seconds until ready."""
    load = Load(Writers(run, portals, prefix).clients(), pause=0.002).start()
    ready = []
    for number in range(kills):
        time.sleep(random.uniform(0.15, 0.5))
        portal = portals[number % len(portals)]
        portal.kill()
        ready.append(portal.start())
    time.sleep(0.3)
    return load.stop(), ready


@fault("kill-portico", quick=True, alone=True)
def kill_portico(run):
    portal = run.portal()
    samples, ready = kill_again_and_again(run, [portal], 12 if run.quick else 60, "kill")
    portal.stop()
    missing = lost(run, samples)
    run.figure("kills", len(ready))
    run.at_least("answered", samples.count(200, 303), 10 * len(ready))
    run.exactly("answered and lost", len(missing), 0)
    run.exactly("changes without activity, mail or place in the list", uneven(run), 0)
    run.holds("the database is whole", run.store.is_whole())
    run.at_most("ready again, slowest", max(ready), 2, " s")
    run.exactly("500s", samples.count(500), 0)


@fault("kill-portico-mails")
def kill_portico_mails(run):
    """In-flight mails belong to the process that died: they come when its claim is over."""
    mails_after_kills(run, [run.portal()])


@fault("kill-one-of-two-mails", databases=("postgresql",))
def kill_one_of_two(run):
    mails_after_kills(run, [run.portal("one"), run.portal("two")])


def mails_after_kills(run, portals):
    before = set(run.mail.copies())
    samples, ready = kill_again_and_again(run, portals, 30, "mails")
    wanted = {row[0] for row in run.store.rows("SELECT email FROM invitations WHERE outcome IS NULL")}
    began = now()
    wait_until(lambda: wanted <= run.mail.recipients(), 240, step=1)
    copies = {key: count for key, count in run.mail.copies().items() if key not in before}
    run.figure("kills", len(ready))
    run.figure("mails", len(wanted))
    run.exactly("mails lost", len(wanted - run.mail.recipients()), 0)
    run.figure("sent twice", sum(count > 1 for count in copies.values()))
    run.at_most("copies of one mail", max(copies.values(), default=0), 2)
    run.figure("all of them after", now() - began, " s")
    run.exactly("answered and lost", len(lost(run, samples)), 0)
