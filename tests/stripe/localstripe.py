"""localstripe for tests: on a free port of this machine, which it prints, until standard input ends.

Two things that Stripe takes and localstripe does not are taken here: the description of a payment, and the customer by which payments
are listed.
"""

import os
import socket
import sys
import threading

from aiohttp import web
from localstripe import resources
from localstripe.resources import PaymentIntent
from localstripe.server import app

made = PaymentIntent.__init__
listed = PaymentIntent._api_list_all.__func__


def with_description(self, description=None, **data):
    made(self, **data)
    self.description = description


def of_customer(cls, url, customer=None, **data):
    found = listed(cls, url, **data)
    if customer is not None:
        found._list = [intent for intent in found._list if intent.customer == customer]
    return found


def ends_with_input():
    sys.stdin.read()
    os._exit(0)


PaymentIntent.__init__ = with_description
PaymentIntent._api_list_all = classmethod(of_customer)
# It would write what it holds to a file that all of them share.
resources.store.dump_to_disk = lambda: None

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
listener.bind(("127.0.0.1", 0))
listener.listen()
print(listener.getsockname()[1], flush=True)
threading.Thread(target=ends_with_input, daemon=True).start()
web.run_app(app, sock=listener, print=None)
