"""What bench/run measures with: servers as child processes, the client wrk, Google Benchmark programs, and /proc."""
import json
import os
import re
import socket
import subprocess
import tempfile
import time
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0))


def pinned(command, core):
    """On one core of its own, where there are two; the client has the first, the server the last."""
    return ["taskset", "-c", str(core), *map(str, command)] if len(CORES) > 1 else list(map(str, command))


def cpu_seconds(pid):
    """Of the threads that are there, to the nanosecond: the ticks of /proc/PID/stat are too coarse for short runs."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def memory_of(pid):
    """(resident, of it not backed by files), in KiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    found = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.startswith(("VmRSS", "RssAnon"))}
    return found["VmRSS"], found["RssAnon"]


def answers(port, path):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n".encode())
            return connection.recv(64).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


class Server:
    """A child that serves; stop() ends it."""

    def __init__(self, command, port, path, core=None):
        self.port, self.path = port, path
        self.log = tempfile.TemporaryFile()
        command = list(map(str, command)) if core is None else pinned(command, core)
        self.process = subprocess.Popen(command, stdout=self.log, stderr=self.log)
        self.pid = self.process.pid

    def at(self, path):
        other = object.__new__(Server)
        other.__dict__.update(self.__dict__, path=path)
        return other

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}{self.path}"

    def wait(self, seconds=30):
        until = time.monotonic() + seconds
        while not answers(self.port, self.path):
            if self.process.poll() is not None or time.monotonic() > until:
                self.log.seek(0)
                raise RuntimeError(f"{self.process.args} does not answer: {self.log.read()[-400:]!r}")
            time.sleep(0.02)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def wrk(url, connections, seconds, script=None):
    """(requests, requests per second). Any answer that is not a success is an error."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        if script:
            file.write(script)
            file.flush()
            command += ["-s", file.name]
        out = subprocess.run(pinned([*command, url], CORES[0]), capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise RuntimeError(f"{url} was answered wrongly: {out}")
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
    return int(re.search(r"(\d+) requests in", out).group(1)), rate


def google(program, pattern, options, rate=False, wall=False):
    """Medians of a Google Benchmark program by name: CPU time in its unit, wall time, or items per second."""
    command = [program, "--benchmark_format=json", f"--benchmark_repetitions={max(2, min(options.rounds, 3))}",
               f"--benchmark_min_time={0.15 * options.seconds}", "--benchmark_enable_random_interleaving=true"]
    if pattern:
        command.append(f"--benchmark_filter={pattern}")
    out = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True).stdout
    found = {}
    for entry in json.loads(out)["benchmarks"]:
        if entry.get("aggregate_name") != "median" or entry.get("error_occurred"):
            continue
        name = re.sub(r"/(min_time:[\d.]+|real_time|repeats:\d+)", "", entry["run_name"])
        found[name] = entry["items_per_second"] if rate else entry["real_time" if wall else "cpu_time"]
    return found


def fdatasync_rate(seconds=0.5):
    """How often a second a small file can be made durable where the databases are made: the limit of unshared commits."""
    count, page = 0, bytes(4096)
    with tempfile.NamedTemporaryFile() as file:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            os.pwrite(file.fileno(), page, count * 4096)
            os.fdatasync(file.fileno())
            count += 1
    return count / seconds


def first_answer(command, port, path, log, settle=0.0):
    """Starts a server: seconds to its first answer, CPU seconds by then, memory after `settle` more. Then ends it."""
    with open(log, "wb") as file:
        began = time.monotonic()
        process = subprocess.Popen(list(map(str, command)), stdout=file, stderr=file)
        try:
            while not answers(port, path):
                if process.poll() is not None or time.monotonic() - began > 30:
                    raise RuntimeError(f"{command[0]} did not start: {Path(log).read_text()[-600:]}")
                time.sleep(0.001)
            wall, cpu = time.monotonic() - began, cpu_seconds(process.pid)
            time.sleep(settle)
            return wall, cpu, memory_of(process.pid)
        finally:
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
