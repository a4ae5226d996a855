"""`segments serve` under load, compared with falcon and uvicorn serving a constant JSON document.

    python -m tests.bench.serve [SECONDS]

Loads GetSegment, and AddSegmentAccounts with 10 ids, over 16 connections with tokens and a log. Each is
run in turn with the constant document for SECONDS (default 5), three times. Prints the medians of
requests per second, of the latency's 50th and 99th percentile, and of the ratio of requests per second
to the constant document (higher is better). Needs wrk.
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

from tests.support.serving import SEGMENTS, served

CONSTANT_PORT = 8091
ROUNDS = 3
MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0}
ADD_ACCOUNTS = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
local account = math.random(100000000)
request = function()
  local ids = {}
  for i = 1, 10 do account = account + 7; ids[i] = account end
  return wrk.format(nil, nil, nil, "[" .. table.concat(ids, ",") .. "]")
end
"""


class Load(NamedTuple):
    """What wrk measured: requests per second, and latency in milliseconds."""

    rate: float
    p50: float
    p99: float


def serve_constant() -> None:
    """The same framework and server without any code of segcli."""
    import uvicorn
    from falcon.asgi import App, Request, Response

    document = {"id": 1, "code": "VIP", "name": "Very important", "description": None, "auditInfo": None}

    class Constant:
        async def on_get(self, request: Request, response: Response) -> None:
            response.media = document

    app = App()
    app.add_route("/", Constant())
    uvicorn.run(app, port=CONSTANT_PORT, log_level="critical", access_log=False, ws="none", lifespan="off")


def measure(url: str, seconds: int, *options: str) -> Load:
    """Runs wrk. Raises SystemExit if a response was not a success."""
    output = subprocess.run(
        ["wrk", "-t1", "-c16", f"-d{seconds}", "--latency", *options, url],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    if "Non-2xx" in output:
        raise SystemExit(output)
    rate = float(re.findall(r"Requests/sec:\s+(\S+)", output)[0])
    latencies = re.findall(r"^ +(?:50|99)% +([\d.]+)(us|ms|s)$", output, re.MULTILINE)
    return Load(rate, *(float(number) * MILLISECONDS[unit] for number, unit in latencies))


def report(name: str, loads: list[Load], constant: list[Load]) -> None:
    ratio = statistics.median(one.rate / other.rate for one, other in zip(loads, constant, strict=True))
    rate, p50, p99 = map(statistics.median, zip(*loads, strict=True))
    sys.stdout.write(f"{ratio:5.2f} x   {rate:7,.0f}/s   p50 {p50:5.2f} ms   p99 {p99:5.2f} ms   {name}\n")


def main(seconds: int = 5) -> None:
    constant = Process(target=serve_constant, daemon=True)
    constant.start()
    with tempfile.TemporaryDirectory() as folder, served(Path(folder)) as server:
        headers = server.fetch_headers()
        url = f"{server.url}{SEGMENTS}"
        segment = {"code": "VIP", "name": "Very important"}
        requests.post(url, json=segment, headers=headers, timeout=10).raise_for_status()
        script = Path(folder) / "add.lua"
        script.write_text(ADD_ACCOUNTS)
        token = ("-H", f"Authorization: {headers['Authorization']}")
        targets = {
            "constant document": (f"http://127.0.0.1:{CONSTANT_PORT}/", ()),
            "GetSegment": (f"{url}/1", token),
            "AddSegmentAccounts, 10 ids": (f"{url}/1/accounts", (*token, "-s", str(script))),
        }
        measured: dict[str, list[Load]] = {name: [] for name in targets}
        time.sleep(1)  # until the constant server listens
        for _ in range(ROUNDS):
            for name, (target, options) in targets.items():
                measured[name].append(measure(target, seconds, *options))
        for name, loads in measured.items():
            report(name, loads, measured["constant document"])
    constant.terminate()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
