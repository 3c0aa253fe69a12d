#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Many clients of a live run at once: make the requests of a crowd's plan, each at its time.

    crowd.py PLAN ADDRESS PORT LOG FIRST

Client k has the address FIRST + k, all of which must be this host's. Each request has a connection
of its own. LOG gets what client.py's has, a JSON object for each request in the plan's order:
its number, when it began (ns since 1970), and how much later (ns) the first byte of the answer came
and the answer was whole; or `error`, what went wrong. Standard output says how far it is.
"""
import asyncio
import ipaddress
import json
import sys
import time

PATIENCE = 60		# seconds that a request may take
HEAD = ("{} /{:06d}/000 HTTP/1.1\r\nHost: {}:{}\r\nAccept-Encoding: identity\r\n"
        "Content-Length: {}\r\nContent-Type: application/octet-stream\r\n\r\n")


async def ask(number, exchange, source, address, port, said):
    reader, writer = await asyncio.open_connection(address, port, local_addr=(source, 0))
    try:
        up = exchange["up"]
        writer.write(HEAD.format("POST" if up else "GET", number, address, port, up).encode() +
                     b"x" * up)
        first = await reader.readexactly(1)
        said["first"] = time.time_ns() - said["began"]
        head = (first + await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.split("content-length:")[1].split("\r\n")[0])
        await reader.readexactly(length)
        if " 200 " not in head.split("\r\n")[0] or length != sum(n for _, n in exchange["down"]):
            raise OSError(f"{head.split(chr(13))[0]}, {length} bytes")
    finally:
        writer.close()


async def visit(number, one, to, start, first, told):
    await asyncio.sleep(max(0, start + one["at"] - time.monotonic()))
    said = {"number": number, "began": time.time_ns()}
    try:
        source = str(ipaddress.ip_address(first) + one["client"])
        await asyncio.wait_for(ask(number, one["exchanges"][0], source, *to, said), PATIENCE)
    except (OSError, EOFError, ValueError, IndexError, asyncio.TimeoutError) as e:
        said["error"] = f"request {number}: {e or type(e).__name__}"
    said["done"] = time.time_ns() - said["began"]
    told(said)


async def run(plan, to, log, first):
    all_of_them, every = plan["visits"], max(1, len(plan["visits"]) // 50)
    lines = [None] * len(all_of_them)
    made = 0

    def told(said):
        nonlocal made
        lines[said["number"]] = said
        made += 1
        if made % every == 0:
            print(f"made {made} of {len(lines)}", flush=True)
    start, tasks = time.monotonic(), set()
    for number, one in enumerate(all_of_them):
        # A task a second ahead of its time: not all of them from the beginning.
        await asyncio.sleep(max(0, start + one["at"] - 1 - time.monotonic()))
        task = asyncio.create_task(visit(number, one, to, start, first, told))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    while tasks:
        await asyncio.wait(tasks)
    # The last window is to be seen whole.
    await asyncio.sleep(max(0, start + plan["seconds"] - time.monotonic()))
    with open(log, "w", encoding="utf-8") as f:
        f.writelines(json.dumps(said) + "\n" for said in lines)


def main():
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as f:
        plan = json.load(f)
    asyncio.run(run(plan, (sys.argv[2], int(sys.argv[3])), sys.argv[4], sys.argv[5]))


if __name__ == "__main__":
    main()
