"""People to make trouble with: an Organization with members, and further accounts with an Organization each. All of it is made as
people make it, through the forms and the links in mails, so that it works with any build and on both databases."""

import re
from concurrent.futures import ThreadPoolExecutor

from lib.client import Client

PASSWORD = "a quiet harbour at dawn"
MEMBERS = 32
OTHERS = 8
ROLES = ("reader", "editor")


class Account:
    def __init__(self, email, cookies, slug=None, membership=None):
        self.email, self.cookies, self.slug, self.membership = email, cookies, slug, membership

    def client(self, portal, **options):
        return portal.client(self.cookies, **options)

    def path(self, below=""):
        return f"/organizations/{self.slug}{below}"


class Company:
    def __init__(self, owner, members, others):
        self.owner, self.members, self.others = owner, members, others


def link(text, path):
    """The path and query of the link in a mail that leads to `path`."""
    found = re.search(rf"https?://[^/\s]+({re.escape(path)}\S+)", text)
    if not found:
        raise RuntimeError(f"no link to {path} in: {text}")
    return found.group(1)


def _expect(answer, status, what):
    if answer.status != status:
        raise RuntimeError(f"{what}: {answer.status} instead of {status}: {re.sub('<[^>]*>', ' ', answer.text)[:1500]}")
    return answer


def sign_up_form(email, **other):
    return {"first_name": "Ada", "last_name": "Fault", "email": email, "password": PASSWORD, "country": "CH", "company": "",
            "terms": "true", **other}


def sign_up(portal, mail, email, organization):
    """An account whose address is confirmed, Owner of a new Organization."""
    client = portal.client()
    _expect(client.post("/sign-up", sign_up_form(email)), 200, "sign-up")
    token = link(mail.text_to(email), "/verify-email").split("token=", 1)[1]
    _expect(client.post("/verify-email", {"token": token}), 303, "verify-email")
    form = {"kind": "individual", "name": organization, "country": "CH"}
    answer = _expect(client.post("/organizations/new", form), 303, "new Organization")
    return Account(email, client.cookies, answer.headers["Location"].rsplit("/", 1)[1])


def invite(client, slug, emails, role="reader"):
    return client.post_multipart(f"/organizations/{slug}/people/invite", {"emails": "\n".join(emails), "role": role})


def join(portal, mail, email, slug):
    """Follows the link of an invitation and makes an account."""
    client = portal.client()
    path = link(mail.text_to(email), "/invitations/")
    form = {key: value for key, value in sign_up_form(email).items() if key != "email"}
    _expect(client.post(path + "/sign-up", form), 303, "sign-up by invitation")
    return Account(email, client.cookies, slug)


def found(portal, mail):
    owner = sign_up(portal, mail, "owner@faults.example", "Fault Company")
    emails = [f"member{number}@faults.example" for number in range(MEMBERS)]
    _expect(invite(owner.client(portal), owner.slug, emails), 200, "invite")
    with ThreadPoolExecutor(2) as pool:
        members = list(pool.map(lambda email: join(portal, mail, email, owner.slug), emails))
        others = list(pool.map(lambda number: sign_up(portal, mail, f"other{number}@faults.example", f"Other {number}"),
                               range(OTHERS)))
    rows = owner.client(portal).get(owner.path("/people")).text.split("<tr")
    found_in = [(re.search(r"member\d+@faults\.example", row), re.search(r"/people/(mem_[0-9a-z]+)", row)) for row in rows]
    ids = {email.group(): membership.group(1) for email, membership in found_in if email and membership}
    for member in members:
        member.membership = ids[member.email]
    return Company(owner, members, others)


def change_role(client, account, current, role):
    return client.post(account.path(f"/people/{account.membership}/role"), {"role": role, "current": current})


def people_page(portal, account, **options):
    """A function that asks for the list of people."""
    client: Client = account.client(portal, **options)
    return lambda: (client.get(account.path("/people")).status, "people")
