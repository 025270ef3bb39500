"""The database beside the portal's back: what is really in it, and other programs that stand in its way."""

import contextlib
import os
import shutil
import sqlite3
import subprocess
import time


class Sqlite:
    name = "sqlite"

    def __init__(self, path):
        self.path = path
        self.url = f"sqlite://{path}"

    def _open(self):
        return contextlib.closing(sqlite3.connect(self.path, timeout=30, isolation_level=None))

    def rows(self, query):
        with self._open() as connection:
            return connection.execute(query).fetchall()

    def value(self, query):
        return self.rows(query)[0][0]

    def execute(self, statement):
        with self._open() as connection:
            connection.execute(statement)

    @staticmethod
    def numbers(count):
        """Begins a statement that can select `i` from `n`, from 1 to `count`."""
        return f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"

    def is_whole(self):
        return self.value("PRAGMA integrity_check") == "ok" and not self.rows("PRAGMA foreign_key_check")

    def copy_to(self, path):
        with self._open() as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copy(self.path, path)
        return Sqlite(path)

    def files(self):
        return {end: os.path.getsize(self.path + end) for end in ("", "-wal") if os.path.exists(self.path + end)}

    @contextlib.contextmanager
    def writer_held(self, _organization):
        """Another process holds the only write lock."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield
            connection.execute("ROLLBACK")

    @contextlib.contextmanager
    def outside_reader(self):
        with self._open() as connection:
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM users").fetchall()
            yield


class Postgresql:
    name = "postgresql"

    def __init__(self, cluster, database):
        self.cluster = cluster
        self.database = database
        self.url = cluster.url(database)

    def rows(self, query):
        return self.cluster.psql(self.database, query)

    def value(self, query):
        value = self.rows(query)[0][0]
        return int(value) if value.lstrip("-").isdigit() else value

    def execute(self, statement):
        self.cluster.psql(self.database, statement)

    @staticmethod
    def numbers(count):
        return f"WITH n AS (SELECT generate_series(1, {count}) AS i)"

    def is_whole(self):
        # An index that lost a row, or has one too many, is found by reading everything through it.
        return all(self.value(f"SELECT count(*) FROM {table}") >= 0 for table in ("users", "invitations", "activity", "outbox"))

    @contextlib.contextmanager
    def writer_held(self, organization):
        """Another session holds the row of an Organization, which every change in it locks."""
        held = subprocess.Popen(self.cluster.psql_command(self.database), stdin=subprocess.PIPE, text=True,
                                stdout=subprocess.DEVNULL)
        held.stdin.write(f"BEGIN;\nSELECT id FROM organizations WHERE slug = '{organization}' FOR UPDATE;\n")
        held.stdin.flush()
        deadline = time.monotonic() + 10
        while int(self.value("SELECT count(*) FROM pg_stat_activity WHERE state = 'idle in transaction'")) == 0:
            if time.monotonic() > deadline:
                raise RuntimeError("psql does not hold the row")
            time.sleep(0.02)
        try:
            yield
        finally:
            held.stdin.write("ROLLBACK;\n\\q\n")
            held.stdin.close()
            held.wait()
