#!/usr/bin/python3
"""An MCU as an external program, for tests/e2e/66-exec: the protocol of adapters/FAMILIES.md. Its sites live by the user part of
their address; seconds are real ones. argv is empty by contract: where it keeps its notes comes with open, as the device's url."""
import json, sys, time

legs, conference, notes = {}, None, None
SITES = {"tot": {}, "tat": {"fails": "unreachable"}, "ban": {"fails": "busy"}, "bo-ve": {"hangs_up": 20}, "im": {"silent": True}}


def leg_of(leg):
    now, site = time.time(), leg["site"]
    age = now - leg["at"]
    if leg["state"] in ("dialing", "ringing"):
        if site.get("fails"):
            if age > 0.3:
                leg.update(state="gone", ending={"cause": site["fails"], "words": "chương trình: " + site["fails"]})
        elif age > 0.2:
            leg.update(state="up", up=now)
    if leg["state"] == "up" and site.get("hangs_up") and now - leg["up"] > site["hangs_up"]:
        leg.update(state="gone", ending={"cause": "site-hangup", "words": "bye"})
    out = {k: leg[k] for k in ("id", "name", "address", "state", "muted") if k in leg}
    out["configured"] = True
    if "ending" in leg:
        out["ending"] = leg["ending"]
    if leg["state"] == "up":
        n = int((now - leg["up"]) * 500)
        rx, tx = {"open": "yes", "packets": n, "lost": 0}, {"open": "yes", "far_received": n, "far_lost": 0}
        out["media"] = {"audio": {"from_site": rx, "to_site": tx}, "video": {"from_site": rx, "to_site": tx},
                        "speech": "yes" if not leg["muted"] and not site.get("silent") and now - leg["unmuted"] > 0.2 else "no"}
    return out


def answer(q):
    global conference, notes
    verb = q["verb"]
    if verb == "open":
        notes = open(q["device"]["url"], "a")
        if q["device"]["password"] != "mat-khau":
            return {"result": "auth", "word": "login-refused", "why": "log in: password refused"}
        return {}
    if verb == "probe":
        return {"identity": {"vendor": "Chương trình", "model": "P", "serial": "7", "uptime_s": 60}}
    name = q["conference"]["name"]
    if verb == "start":
        conference = name
        return {"conference": {"id": "c1", "created": True}}
    if conference != name:
        return {"result": "gone", "why": "no such conference"}
    if verb == "find":
        return {"conference": {"id": "c1"}}
    if verb == "dial":
        key = str(len(legs) + 1)
        user = q["address"].split(":")[1].split("@")[0]
        legs[key] = {"id": key, "name": q["leg_name"], "address": q["address"], "state": "dialing", "at": time.time(), "muted": q["muted"], "unmuted": 0,
                     "site": SITES[user]}
        return {"leg": leg_of(legs[key])}
    if verb == "roster":
        return {"legs": [leg_of(l) for l in legs.values()]}
    if verb == "end":
        conference = None
        legs.clear()
        return {}
    leg = legs.get(q.get("leg") or "")
    if verb == "mute" and leg:
        leg["muted"] = q["on"]
        leg["unmuted"] = time.time()
        return {}
    if verb == "hangup" and leg:
        leg.update(state="gone", ending={"cause": "our-hangup", "words": "hangup"})
        return {}
    if verb in ("message", "focus"):
        return {}
    return {"result": "unsupported"}


for line in sys.stdin:
    q = json.loads(line)
    a = {"id": q["id"], "result": "ok", **answer(q)}
    print(json.dumps(a), flush=True)
    print(q["verb"], q.get("address", ""), file=notes, flush=True)
