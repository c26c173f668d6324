#!/usr/bin/env python3
"""A machine that answers every call with one status: sip_says.py ADDRESS STATUS REASON, on port 5060 (RFC 3261, 8.2.6)."""
import socket
import sys

address, status, reason = sys.argv[1], sys.argv[2], sys.argv[3]
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind((address, 5060))
while True:
    data, who = s.recvfrom(65535)
    lines = data.decode("utf-8", "replace").split("\r\n")
    method = lines[0].split(" ")[0]
    if method in ("ACK", "") or lines[0].startswith("SIP/2.0"):
        continue
    out = ["SIP/2.0 " + (status + " " + reason if method == "INVITE" else "200 OK")]
    for line in lines[1:]:
        name = line.split(":")[0].strip().lower()
        if name in ("via", "v", "from", "f", "call-id", "i", "cseq"):
            out.append(line)
        elif name in ("to", "t"):
            out.append(line if ";tag=" in line else line + ";tag=says")
    s.sendto(("\r\n".join(out + ["Content-Length: 0", "", ""])).encode(), who)
