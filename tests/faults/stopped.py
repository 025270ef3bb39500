"""Being told to stop, with work in flight."""

import signal
import socket
import threading
import time

from lib import company
from lib.fault import fault, now


def in_flight(run, portal, count, prefix):
    """So many changes that cannot go on until the lock is free. Answers what each was answered, once they all are."""
    answers = {}

    def send(number):
        email = f"{prefix}-{number}@faults.example"
        try:
            client = run.company.owner.client(portal)
            answers[email] = company.invite(client, run.company.owner.slug, [email]).status
        except Exception as error:
            answers[email] = type(error).__name__

    threads = [threading.Thread(target=send, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    return threads, answers


@fault("signals", quick=True)
def signals(run):
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        name, portal = number.name, run.portal(number.name)
        with run.store.writer_held(run.company.owner.slug):
            threads, answers = in_flight(run, portal, 5, name.lower())
            time.sleep(0.5)
            portal.send_signal(number)
            time.sleep(0.5)
        for thread in threads:
            thread.join()
        stored = {row[0] for row in run.store.rows("SELECT email FROM invitations")}
        run.exactly(f"{name}: answered of 5", sum(status == 303 for status in answers.values()), 5)
        run.exactly(f"{name}: stored of 5", len(stored & answers.keys()), 5)
        if number != signal.SIGHUP:
            began = now()
            portal.process.wait(30)
            run.at_most(f"{name}: exit after the last answer", now() - began, 25, " s")
        portal.kill()


@fault("stop-with-half-a-body", databases=("sqlite",))
def half_a_body(run):
    portal, held = run.portal(), []
    for _ in range(20):
        connection = socket.create_connection(portal.address)
        connection.sendall(b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\nContent-Length: 1000\r\n"
                           b"Content-Type: application/x-www-form-urlencoded\r\n\r\nemail=")
        held.append(connection)
    time.sleep(0.5)
    run.at_most("SIGTERM to exit", portal.ends_within(40), 25, " s")
    for connection in held:
        connection.close()
