#!/usr/bin/python3
"""A mail server for tests: python3-aiosmtpd on loopback. Each mail becomes DIR/N.eml, each event a line of DIR/log.

usage: smtp.py DIR HOST PORT [refuse=ADDR] [later=ADDR] [silent=ADDR] [slow=SECONDS] [cert=FILE key=FILE] [user=U password=P]
refuse: 550 to that recipient; later: 451 the first time; silent: takes the whole mail and never answers; slow: before each answer to a mail."""
import asyncio
import glob
import ssl
import sys

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

folder, host, port = sys.argv[1], sys.argv[2], int(sys.argv[3])
options = dict(word.split("=", 1) for word in sys.argv[4:])
later = set()
count = len(glob.glob(f"{folder}/*.eml"))


def log(*words):
    with open(f"{folder}/log", "a", encoding="utf-8") as f:
        print(*words, file=f)


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address == options.get("refuse"):
            log("refused", address)
            return "550 no such user"
        if address == options.get("later") and address not in later:
            later.add(address)
            log("later", address)
            return "451 try again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        global count
        to = envelope.rcpt_tos[0]
        if to == options.get("silent"):
            log("silent", to)
            await asyncio.sleep(3600)
        await asyncio.sleep(float(options.get("slow", 0)))
        count += 1
        with open(f"{folder}/{count}.eml", "wb") as f:
            f.write(envelope.content)
        log("taken", to, "tls" if session.ssl else "plain", envelope.mail_from)
        return "250 taken"


def check(server, session, envelope, mechanism, auth):
    fine = auth.login.decode() == options["user"] and auth.password.decode() == options["password"]
    log("login", "accepted" if fine else "refused")
    return AuthResult(success=fine, handled=fine)


more = {}
if "cert" in options:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(options["cert"], options["key"])
    more["tls_context"] = context
    more["require_starttls"] = True
if "user" in options:
    more.update(authenticator=check, auth_required=True)
controller = Controller(Handler(), hostname=host, port=port, **more)
controller.start()
log("ready")
asyncio.new_event_loop().run_forever()
