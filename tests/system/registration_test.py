"""Registering and signing in over HTTP, with real certificates, real mail, and each bad path its own answer."""
import json

import pytest
from citizen import Card, Registration, sign_in_with_card
from harness import Browser, Problem


def holder_ids(city):
    """Adults of the population that no other test uses."""
    lines = (city.data / "holders.jsonl").read_text(encoding="utf-8").splitlines()
    return [h["holderId"] for h in map(json.loads, lines) if h["birthDate"] < "2005"][20:]


def refusal(city, situation, step="card"):
    """The code with which the person of a situation is refused at a step."""
    person = city.person(situation)
    registration = Registration(city, person["holderId"], f"{person['card']}-{city.ports['server']}@example.jp",
                                card=person["card"])
    registration.start()
    state = registration.open_link()
    while state["step"] != step:
        state = registration.advance(state["step"])
    with pytest.raises(Problem) as refused:
        registration.advance(step)
    return refused.value


def test_a_citizen_registers_with_the_card_sees_the_record_and_comes_back_with_one_touch(city):
    person = city.person("ordinary")
    registration = Registration(city, person["holderId"], "hanako@example.jp", card=person["card"])
    done = registration.run()
    assert done["attributes"]["name"] == person["name"]
    session = registration.browser.get("/api/v1/session")
    assert session["kind"] == "citizen" and session["person"]["name"] == person["name"]
    people = registration.browser.get("/api/v1/people")["items"]
    checkups = registration.browser.get(f"/api/v1/people/{people[0]['id']}/checkups")["items"]
    assert len(checkups) >= 4 and checkups[0]["source"] == "city"
    again = sign_in_with_card(city, registration.card)
    assert again.get("/api/v1/me")["email"] == "hanako@example.jp"


def test_a_parent_adds_the_children_of_the_household(city):
    person = city.person("parent")
    registration = Registration(city, person["holderId"], "taro@example.jp", card=person["card"])
    registration.run()
    candidates = registration.browser.get("/api/v1/family/candidates")["items"]
    assert len(candidates) == 2
    child = registration.browser.post("/api/v1/family/children", {"residentId": candidates[0]["residentId"]})
    assert child["relation"] == "child"
    assert len(registration.browser.get("/api/v1/people")["items"]) == 2


def test_a_name_outside_the_certificates_characters_is_matched_with_the_register(city):
    person = city.person("substitute-name")
    registration = Registration(city, person["holderId"], "sakura@example.jp", card=person["card"])
    state = registration.run()
    assert state["attributes"]["nameHasSubstitutes"] is True


def test_someone_who_lives_elsewhere_is_told_so(city):
    assert refusal(city, "not-resident").code == "registration.not-a-resident"


def test_a_card_whose_certificates_ran_out_is_told_so(city):
    assert refusal(city, "expired").code == "certificate.expired"


def test_a_renewed_card_belongs_to_the_same_person(city):
    old, new = city.person("before-renewal"), city.person("after-renewal")
    registration = Registration(city, old["holderId"], "keiko@example.jp", card=old["card"])
    person = registration.run()["personId"]
    renewed = Card(city, new["holderId"], new["card"]).issue()
    assert sign_in_with_card(city, renewed).get("/api/v1/session")["person"]["id"] == person


def test_a_link_nobody_sent_and_a_registration_nobody_began_have_clear_answers(city):
    browser = Browser(city)
    with pytest.raises(Problem) as refused:
        browser.post("/api/v1/registrations/resume", {"token": "A" * 43})
    assert (refused.value.status, refused.value.code) == (404, "registration.link-unknown")
    with pytest.raises(Problem) as refused:
        browser.get("/api/v1/registration")
    assert refused.value.status == 401


def test_a_registration_goes_on_after_the_server_was_restarted_and_on_another_device(city):
    registration = Registration(city, holder_ids(city)[0], "restart@example.jp")
    registration.start()
    state = registration.open_link()
    for _ in range(2):
        state = registration.advance(state["step"])
    city.kill("server")
    city.start("server")
    assert registration.state()["step"] == state["step"]
    elsewhere = Browser(city)
    assert elsewhere.post("/api/v1/registrations/resume", {"token": registration.token})["step"] == state["step"]
