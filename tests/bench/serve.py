"""`segments serve` under load, beside the same framework and server answering a constant JSON, in one run.

    python tests/bench/serve.py [seconds]

Needs `wrk`. GetSegment, and AddSegmentAccounts with 10 ids, from 16 connections, with tickets and a
log; each is run in turn with the constant, ROUNDS times, and medians are printed.
"""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from multiprocessing import Process
from pathlib import Path
from typing import NamedTuple

import requests

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.support.serving import SEGMENTS, served

CONSTANT_PORT = 8091
ROUNDS = 3
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
ADD = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local at = math.random(100000000)
request = function()
  local ids = {}
  for i = 1, 10 do at = at + 7; ids[i] = at end
  return wrk.format(nil, nil, nil, "[" .. table.concat(ids, ",") .. "]")
end
"""


class Load(NamedTuple):
    """What wrk measured: requests a second, and milliseconds that half and 99 of 100 took at most."""

    rate: float
    median: float
    p99: float


def serve_constant() -> None:
    """The framework and the server with nothing of ours in them."""
    import uvicorn
    from falcon.asgi import App, Request, Response

    document = {"id": 1, "code": "VIP", "name": "Very important", "description": None, "auditInfo": None}

    class Constant:
        async def on_get(self, request: Request, response: Response) -> None:
            response.media = document

    app = App()
    app.add_route("/", Constant())
    uvicorn.run(app, port=CONSTANT_PORT, log_level="critical", access_log=False, ws="none", lifespan="off")


def load(url: str, seconds: int, *options: str) -> Load:
    said = subprocess.run(
        ["wrk", "-t1", "-c16", f"-d{seconds}", "--latency", *options, url],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    if "Non-2xx" in said:
        raise SystemExit(said)
    rate = float(re.findall(r"Requests/sec:\s+(\S+)", said)[0])
    latencies = re.findall(r"^ +(?:50|99)% +([\d.]+)(us|ms|s)$", said, re.MULTILINE)
    return Load(rate, *(float(number) * MILLISECONDS[unit] for number, unit in latencies))


def report(name: str, measured: list[Load], constant: list[Load]) -> None:
    ratio = statistics.median(one.rate / other.rate for one, other in zip(measured, constant, strict=True))
    rate, median, p99 = map(statistics.median, zip(*measured, strict=True))
    sys.stdout.write(f"{name:26}{rate:8,.0f}/s   p50 {median:5.2f} ms   p99 {p99:5.2f} ms   {ratio:4.2f} x\n")


def main(seconds: int = 5) -> None:
    constant = Process(target=serve_constant, daemon=True)
    constant.start()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as server:
        headers = server.fetch_headers()
        url = f"{server.url}{SEGMENTS}"
        requests.post(url, json={"code": "VIP", "name": "Very important"}, headers=headers, timeout=9)
        script = Path(folder) / "add.lua"
        script.write_text(ADD)
        ticket = ("-H", f"Authorization: {headers['Authorization']}")
        loads = {
            "constant JSON": (f"http://127.0.0.1:{CONSTANT_PORT}/", ()),
            "GetSegment": (f"{url}/1", ticket),
            "AddSegmentAccounts of 10": (f"{url}/1/accounts", (*ticket, "-s", str(script))),
        }
        measured: dict[str, list[Load]] = {name: [] for name in loads}
        time.sleep(1)
        for _ in range(ROUNDS):
            for name, (target, options) in loads.items():
                measured[name].append(load(target, seconds, *options))
        for name, of in measured.items():
            report(name, of, measured["constant JSON"])
    constant.terminate()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
