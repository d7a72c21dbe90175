"""kill -9 of the server at random moments of the registration, many times: nothing acknowledged is lost, nothing is half
registered. MUSUBI_KILLS says how often (200 unless said, half of it on each engine when there are two)."""
import json
import os
import random
import subprocess
import sqlite3
import threading
import time

import pytest
from citizen import ORDER, Registration, sign_in_with_card
from conftest import ENGINES
from harness import Gone, Problem, TemporaryCity

KILLS = int(os.environ.get("MUSUBI_KILLS", "200")) // len(ENGINES)
WORKERS = 2


class Killer(threading.Thread):
    """Kills the server after a random while, starts it again, and so on."""

    def __init__(self, city, kills, seed):
        super().__init__()
        self.city, self.left, self.random = city, kills, random.Random(seed)
        self.failure = None

    def run(self):
        try:
            while self.left > 0:
                time.sleep(self.random.uniform(0.02, 0.6))
                self.city.kill("server")
                self.city.start("server")
                self.left -= 1
        except BaseException as problem:  # noqa: BLE001 (told to the test)
            self.failure = problem
            self.left = 0


def patiently(action, seconds=60):
    """The answer, once the server is there."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return action()
        except Gone:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


class Worker(threading.Thread):
    """Registers one person after another and remembers what the server had acknowledged."""

    def __init__(self, city, holders, killer):
        super().__init__()
        self.city, self.holders, self.killer = city, holders, killer
        self.done, self.lost, self.failure = [], [], None

    def run(self):
        try:
            while self.killer.left > 0 and self.holders:
                self.register(self.holders.pop())
        except BaseException as problem:  # noqa: BLE001
            self.failure = problem

    def register(self, holder):
        registration = Registration(self.city, holder, f"{holder}@example.jp")
        registration.card.issue()
        patiently(registration.start)
        acknowledged = patiently(registration.open_link)
        while acknowledged["step"] != "done":
            try:
                acknowledged = registration.advance(acknowledged["step"])
            except Gone:
                acknowledged = self.after_a_kill(registration, acknowledged)
            except Problem as problem:
                # The step may have been carried out without its answer reaching us.
                if problem.code not in ("registration.wrong-step", "registration.already-completed",
                                        "registration.challenge-expired"):
                    raise
                acknowledged = self.after_a_kill(registration, acknowledged)
        self.done.append((registration, acknowledged["personId"]))

    def after_a_kill(self, registration, acknowledged):
        now = patiently(registration.state)
        if ORDER.index(now["step"]) < ORDER.index(acknowledged["step"]):
            self.lost.append(f"{registration.email}: {acknowledged['step']} was acknowledged, the server says {now['step']}")
        return now


def rows(city, query):
    if city.postgres:
        text = subprocess.run(["psql", city.postgres["server"], "-Atc", query], capture_output=True, text=True, check=True).stdout
        return [tuple(line.split("|")) for line in text.splitlines()]
    with sqlite3.connect(city.data / "musubi.db") as connection:
        return [tuple(str(value) for value in row) for row in connection.execute(query)]


@pytest.mark.parametrize("engine", ENGINES)
def test_nothing_acknowledged_is_lost_and_nothing_is_half_registered(engine):
    with TemporaryCity(postgres=engine == "postgres", residents=400) as city:
        lines = (city.data / "holders.jsonl").read_text(encoding="utf-8").splitlines()
        holders = [h["holderId"] for h in map(json.loads, lines[20:]) if h["birthDate"] < "2005"]
        killer = Killer(city, KILLS, seed=99001)
        workers = [Worker(city, holders, killer) for _ in range(WORKERS)]
        for thread in [killer, *workers]:
            thread.start()
        for thread in [killer, *workers]:
            thread.join()
        for thread in [killer, *workers]:
            if thread.failure:
                raise thread.failure
        assert killer.left == 0
        assert [line for worker in workers for line in worker.lost] == []
        done = [entry for worker in workers for entry in worker.done]
        assert len(done) >= KILLS // 20, "too few registrations came to their end for this test to mean anything"

        # Who was told "done" is there, with both certificates, and can come back.
        for registration, person in random.Random(1).sample(done, min(10, len(done))):
            browser = sign_in_with_card(city, registration.card)
            assert browser.get("/api/v1/session")["person"]["id"] == person
        certificates = dict(rows(city, "SELECT person_id, COUNT(*) FROM identity_certificate GROUP BY person_id"))
        persons = {row[0] for row in rows(city, "SELECT id FROM identity_person")}
        assert {person for _, person in done} <= persons
        assert {p: certificates.get(p) for p in persons if certificates.get(p) != "2"} == {}, "half registered"
        finished = {row[0] for row in rows(city, "SELECT person_id FROM enrolment_registration WHERE step = 'done'")}
        assert finished == persons
