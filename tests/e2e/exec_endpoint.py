#!/usr/bin/python3
"""A codec as an external program, for tests/e2e/67-contract: the protocol of adapters/FAMILIES.md. Whom it calls answers after a
while; seconds are real ones. It never answers the verb `answer`: that is for programs that leave something out."""
import json, sys, time

RINGS = 1.5
call, past, muted, began = None, [], False, time.time()


def status():
    now = time.time()
    up = call is not None and now - call["at"] > RINGS
    out = {"in_call": up, "mic_muted": muted, "auto_answer": True, "uptime_s": int(now - began), "uptime_step_s": 1}
    if up:
        n = int((now - call["at"] - RINGS) * 50)
        stream = {"open": "yes", "packets": n, "lost": 0}
        out.update(far_address=call["far"], media={m: {"to_site": stream, "from_site": stream} for m in ("audio", "video")})
    return out


def answer(q):
    global call, muted
    verb = q["verb"]
    if verb == "open":
        return {} if q["device"]["password"] == "mat-khau" else {"result": "auth", "word": "login-refused", "why": "log in: password refused"}
    if verb == "probe":
        return {"identity": {"vendor": "Chương trình", "model": "E", "serial": "9", "uptime_s": 60}}
    if verb == "status":
        return {"status": status()}
    if verb == "dial":
        if call:
            return {"result": "busy", "why": "it is in a call"}
        call = {"far": q["address"], "at": time.time()}
        return {}
    if verb == "hangup":
        if not call:
            return {"result": "gone", "why": "no call"}
        now = time.time()
        past.insert(0, {"far": call["far"], "s": int(now - call["at"]), "at": now})
        call = None
        return {}
    if verb == "mute":
        muted = q["on"]
        return {}
    if verb == "message":
        return {}
    if verb == "history":
        return {"history": [{"far_address": c["far"], "duration_s": c["s"], "ended_ago_s": int(time.time() - c["at"]), "cause": "our-hangup"}
                            for c in past]}
    return {"result": "unsupported"}


for line in sys.stdin:
    q = json.loads(line)
    print(json.dumps({"id": q["id"], "result": "ok", **answer(q)}), flush=True)
