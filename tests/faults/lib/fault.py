"""What a fault is, and what it reports."""

import os
import shutil
import time

from lib import company
from lib.mailserver import MailServer
from lib.portal import Portal
from lib.postgresql import Cluster
from lib.store import Postgresql, Sqlite

BOTH = ("sqlite", "postgresql")
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
FAULTS = {}


class Skipped(Exception):
    """It cannot be made here. That is not the same as passing."""


class Fault:
    def __init__(self, name, make, databases, quick, alone):
        self.name, self.make, self.databases, self.quick, self.alone = name, make, databases, quick, alone


def fault(name, databases=BOTH, quick=False, alone=False):
    """Declares a fault. `quick`: `True`, or the databases on which it belongs to the quick part. `alone`: it measures how quickly
    something goes, or keeps all cores busy, and so has no neighbour there."""

    def declare(make):
        on = databases if quick is True else (quick or ())
        FAULTS[name] = Fault(name, make, databases, on, alone)
        return make

    return declare


class Grounds:
    """What all faults of a run share: a PostgreSQL and, for each database, a company to copy."""

    def __init__(self, folder):
        self.folder = folder
        self._cluster = None
        self._companies = {}

    @property
    def cluster(self):
        if self._cluster is None:
            self._cluster = Cluster(os.path.join(self.folder, "postgresql"))
            self._cluster.start()
        return self._cluster

    def _empty(self, database, folder):
        if database == "sqlite":
            return Sqlite(os.path.join(folder, "portico.db"))
        return Postgresql(self.cluster, self.cluster.create())

    def company(self, database):
        """The company, and the database that holds it."""
        if database not in self._companies:
            folder = os.path.join(self.folder, f"company-{database}")
            os.makedirs(folder)
            store, mail = self._empty(database, folder), MailServer()
            portal = Portal(folder, store.url, mail.port)
            try:
                portal.start()
                founded = company.found(portal, mail)
            finally:
                portal.stop()
                mail.stop()
            self._companies[database] = (founded, store)
        return self._companies[database]

    def copy(self, database, folder):
        founded, store = self.company(database)
        if database == "postgresql" and not self.cluster.runs():
            # The fault before failed before it started it again.
            self.cluster.start()
        if database == "sqlite":
            return founded, store.copy_to(os.path.join(folder, "portico.db"))
        return founded, Postgresql(self.cluster, self.cluster.create(template=store.database))

    def stop(self):
        if self._cluster is not None:
            self._cluster.stop()


class Run:
    """One fault on one database: what it works with, and its figures and bounds."""

    def __init__(self, grounds, fault_, database, quick):
        self.grounds, self.name, self.database, self.quick = grounds, fault_.name, database, quick
        self.folder = os.path.join(grounds.folder, f"{fault_.name}-{database}")
        os.makedirs(self.folder)
        self.mail = MailServer()
        self.figures, self.broken = [], []
        self._portals, self._closing = [], []
        self._company = None
        self.store = None

    @property
    def cluster(self):
        return self.grounds.cluster

    @property
    def company(self):
        if self._company is None:
            self._company, self.store = self.grounds.copy(self.database, self.folder)
        return self._company

    def portal(self, name="portico", start=True, **settings):
        """A portal on a copy of the company's database."""
        self.company  # its database is what the portal serves
        url = settings.pop("url", self.store.url)
        portal = Portal(self.folder, url, self.mail.port, name=name, **settings)
        self._portals.append(portal)
        if start:
            portal.start()
        return portal

    def closing(self, undo):
        self._closing.append(undo)

    def close(self):
        for undo in reversed(self._closing):
            undo()
        for portal in self._portals:
            portal.kill()
        self.mail.stop()
        if not self.broken:
            shutil.rmtree(self.folder, ignore_errors=True)
            # A server that was killed syncs every file of every database before it is there again.
            if self.database == "postgresql" and self.store is not None and self.cluster.runs():
                self.cluster.drop(self.store.database)

    # What is reported. A bound that is broken is named, and fails the run.

    def figure(self, name, value, unit=""):
        self.figures.append({"name": name, "value": _rounded(value), "unit": unit})

    def _bound(self, name, value, unit, relation, bound, holds):
        self.figures.append({"name": name, "value": _rounded(value), "unit": unit, "bound": f"{relation} {bound:g}",
                             "holds": holds})
        if not holds:
            self.broken.append(f"{name}: {_rounded(value)}{unit}, {relation} {bound:g} wanted")

    def at_most(self, name, value, bound, unit=""):
        """A value of `None` is one that never came."""
        self._bound(name, value, unit, "<=", bound, value is not None and value <= bound)

    def at_least(self, name, value, bound, unit=""):
        self._bound(name, value, unit, ">=", bound, value is not None and value >= bound)

    def exactly(self, name, value, bound, unit=""):
        self._bound(name, value, unit, "=", bound, value == bound)

    def holds(self, name, truth):
        self.figures.append({"name": name, "value": "yes" if truth else "no", "unit": "", "bound": "= yes", "holds": bool(truth)})
        if not truth:
            self.broken.append(f"not so: {name}")

    def answers(self, samples, prefix=""):
        """The statuses of requests, and that there was no 500 and nothing without an answer."""
        counts = samples.statuses()
        told = " ".join(f"{status or 'none'}:{count}" for status, count in sorted(counts.items()))
        self.figures.append({"name": f"{prefix}answers", "value": told, "unit": ""})
        self.exactly(f"{prefix}500s", counts.get(500, 0), 0)


def _rounded(value):
    if isinstance(value, float):
        return round(value, 3) if value < 10 else round(value, 1)
    return value


def _told(figure, broken):
    value = "never" if figure["value"] is None else figure["value"]
    text = f"{figure['name']} {value}{figure['unit'] if value != 'never' else ''}"
    if "bound" not in figure:
        return text
    return f"{text} ({figure['bound'] if figure['holds'] else broken.format(figure['bound'])})"


def line(run, seconds, outcome):
    """What is printed for a fault."""
    told = [_told(figure, broken="BROKEN: {}") for figure in run.figures]
    return f"{outcome:<8}{run.name:<31}{run.database:<11}{seconds:>5.0f} s  " + " · ".join(told)


def table(results):
    """The same of a whole run, in Markdown."""
    rows = ["| fault | database | figures | |", "|---|---|---|---|"]
    for result in results:
        told = "; ".join(_told(figure, broken="**{}**") for figure in result["figures"])
        rows.append(f"| `{result['fault']}` | {DATABASES[result['database']]} | {told} | {result['outcome']} |")
    return "\n".join(rows)


def now():
    return time.monotonic()
