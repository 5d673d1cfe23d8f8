"""The bare loop of `benchmarks.dispatch`: it posts the same requests, and has nothing else to do."""

import asyncio
import os
import sys
from urllib.parse import urlencode

import aiohttp

from benchmarks.dispatch_parts import BODY, SENDER, report, wait_for_start

# As many as our two processes have together.
IN_FLIGHT = 200


async def post_bare(people: int) -> float:
    """Post as many requests as there are people, two hundred at a time, and return the CPU before."""
    url = os.environ["BENCH_PROVIDER"] + "/2010-04-01/Accounts/AC0/Messages.json"
    serials = iter(range(people))
    headers = {
        "Authorization": "Basic " + "A" * 90,
        "Content-Type": "application/x-www-form-urlencoded",
    }

    async def post() -> None:
        for serial in serials:
            form = {
                "To": f"+999221{serial:07d}",
                "From": SENDER,
                "Body": BODY,
                "StatusCallback": f"http://127.0.0.1:8000/hooks/twilio/status/{serial}.1.{'0' * 24}/",
                "ValidityPeriod": "14400",
            }
            body = urlencode(form).encode()
            async with session.post(url, data=body, headers=headers) as answer:
                assert answer.status == 201
                await answer.read()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        began = wait_for_start()
        await asyncio.gather(*(post() for _ in range(IN_FLIGHT)))
    return began


if __name__ == "__main__":
    report(asyncio.run(post_bare(int(sys.argv[1]))))
