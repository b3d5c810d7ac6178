"""The workbench as its users meet it: real JupyterLab and real voila in a real browser, without a network."""

import datetime as dt
import json
import re
import shutil
import time
import urllib.request
from http.client import HTTPConnection
from urllib.error import HTTPError

import pytest
from workbench_pages import Watched, browser_of, served, shows_in_lab

from stellwerk.lab.server import LAB, PAGES
from stellwerk.law.rulebook import load_rulebook
from stellwerk.workbench import Workbench

READY = {  # page -> what is there once it can be used
    "aufnahme_und_kosten.ipynb": ".sw-headline",
    "fallwerkstatt.ipynb": ".sw-case-results table",
    "verteilung.ipynb": ".sw-start",
    "regelwerkstatt.ipynb": ".sw-headline",
}
LANGUAGE = {"STELLWERK_LANG": "de"}


@pytest.fixture(scope="module")
def pages(checkout):
    with served(PAGES, checkout, editing=False, surroundings=LANGUAGE) as server:
        yield server


@pytest.fixture(scope="module")
def browser(chromium):
    with browser_of(chromium) as found:
        yield found


@pytest.fixture
def watched(browser):
    found = Watched(browser)
    yield found
    found.page.close()


@pytest.fixture(scope="module")
def pictures(checkout):
    folder = checkout / "build" / "workbench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def opened(watched, server, notebook):
    watched.page.goto(f"{server.base}voila/render/{notebook}?token={server.token}")
    watched.page.wait_for_selector(READY[notebook])
    return watched.page


def answered(url, **headers):
    try:
        return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30)
    except HTTPError as error:
        return error


def asked_to_listen(server, kernel, **headers):
    """What the server says to a page that wants to talk to a kernel."""
    line = HTTPConnection(server.base.removeprefix("http://").rstrip("/"), timeout=30)
    asked = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
             "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA=="}  # fmt: skip
    line.request("GET", f"/api/kernels/{kernel}/channels", headers=asked | headers)
    status = line.getresponse().status
    line.close()
    return status


def comments(written):
    return [line for line in written.splitlines() if "#" in line]


def highest(bench, scenario):
    return f"{round(max(bench.reception(scenario).reception.facilities['occupied'])):,}".replace(",", ".")


def test_without_the_token_there_is_only_the_question_for_it(pages):
    answer = answered(pages.base)
    assert "/login" in answer.geturl() and "sw-pages" not in answer.read().decode()
    for closed in ("voila/render/verteilung.ipynb", "voila/api/contents/"):
        assert "/login" in (found := answered(pages.base + closed)).geturl() or found.status in (401, 403, 404)


def test_another_host_name_is_refused(pages):
    assert answered(f"{pages.base}?token={pages.token}", Host="boese.example").status == 403


def test_a_page_may_load_nothing_from_elsewhere(pages):
    policy = answered(f"{pages.base}?token={pages.token}").headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'") and "http" not in policy.replace("ws://", "")


def test_the_first_page_lists_the_others_and_needs_no_kernel(pages, watched):
    watched.page.goto(pages.address)
    names = watched.page.locator(".sw-pages strong").all_inner_texts()
    assert {"Fallwerkstatt", "Verteilung", "Aufnahme und Kosten"} <= set(names)
    assert not watched.serious() and not watched.foreign and not watched.errors


@pytest.mark.deep
@pytest.mark.parametrize("notebook", READY)
def test_a_page_is_usable_shows_no_code_and_stays_on_this_machine(notebook, pages, watched, pictures):
    page = opened(watched, pages, notebook)
    page.wait_for_timeout(1500)
    page.screenshot(path=pictures / f"{notebook.removesuffix('.ipynb')}.png")
    assert page.locator(".jp-CodeMirrorEditor, .cm-editor, .jp-InputArea-editor").count() == 0
    assert "import" not in page.locator("body").inner_text().split()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    assert page.evaluate("document.documentElement.lang") == "de"
    assert not watched.serious()
    assert not watched.foreign
    assert not watched.errors


@pytest.mark.deep
def test_a_changed_number_changes_the_answer_to_the_engines(pages, watched, checkout, tmp_path, pictures):
    bench = Workbench.open(checkout)
    page = opened(watched, pages, "aufnahme_und_kosten.ipynb")
    watched.says(".sw-headline", highest(bench, "arrivals_2025"))
    page.get_by_label("Zugang, gemessen am Szenario").last.fill("250")
    page.keyboard.press("Tab")
    years = ", ".join(f"{{year: {year}, like: 2025, scale: 2.5}}" for year in (2027, 2028, 2029))
    scenario = tmp_path / "mehr.yaml"
    scenario.write_text(f"like: arrivals_2025\narrivals: {{years: [{years}]}}\n", encoding="utf-8")
    watched.says(".sw-headline", highest(bench, str(scenario)))
    watched.says(".sw-chances", "2.000 Läufen")
    page.screenshot(path=pictures / "aufnahme_mehr_zugang.png")
    assert page.get_by_role("button", name="Als Szenario speichern").is_disabled()
    assert "Nur Ansicht" in page.locator(".sw-saved").inner_text()


@pytest.mark.deep
def test_a_slider_moves_by_keyboard(pages, watched):
    page = opened(watched, pages, "aufnahme_und_kosten.ipynb")
    before = page.locator(".sw-headline").inner_text()
    page.locator(".sw-arrivals_percent input[type=range]").focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("before => document.querySelector('.sw-headline').innerText !== before", arg=before)
    assert page.get_by_label("Zugang, gemessen am Szenario").last.input_value() == "150"


@pytest.mark.deep
def test_a_number_is_understood_as_people_write_it_and_leads_back_to_what_it_was(pages, watched):
    page = opened(watched, pages, "aufnahme_und_kosten.ipynb")
    field = page.locator(".sw-places input.sw-typed")
    assert field.input_value() == "28.000"
    field.fill("31.500")
    page.keyboard.press("Enter")
    watched.says(".sw-headline", "bei 31.500 Plätzen")
    field.fill("viele")
    page.keyboard.press("Tab")
    watched.says(".sw-places [role=alert]", "»viele« ist keine Zahl")
    page.get_by_role("button", name="auf 28.000 zurücksetzen").click()
    watched.says(".sw-headline", "bei 28.000 Plätzen")
    assert field.input_value() == "28.000" and page.locator(".sw-places button").count() == 0
    assert not watched.serious() and not watched.errors


@pytest.mark.deep
def test_a_case_is_answered_while_it_is_entered(pages, watched, pictures):
    page = opened(watched, pages, "fallwerkstatt.ipynb")
    page.screenshot(path=pictures / "fallwerkstatt.png")
    page.get_by_label("Fall aus dem Register").fill("S-0000003")
    page.keyboard.press("Enter")
    watched.says(".sw-case-notice", "S-0000003 aus dem Register")
    page.locator(".sw-fact-status select").select_option(label="geduldet")
    page.locator(".sw-law-on input").fill("2023-06-01")
    page.keyboard.press("Tab")
    watched.says(".sw-case-notice", "gelesen am 01.06.2023")
    watched.says(".sw-case-results", "Unbeachtliche Straftaten")
    watched.says(".sw-reasons", "gelesen am 01.06.2023")
    page.screenshot(path=pictures / "fallwerkstatt_ein_fall.png")
    assert not watched.serious() and not watched.errors


@pytest.mark.deep
def test_a_missing_fact_leads_to_its_field_and_a_child_row_to_the_engines_answer(pages, watched, checkout, pictures):
    bench = Workbench.open(checkout)
    page = opened(watched, pages, "fallwerkstatt.ipynb")
    page.locator(".sw-missing [data-ask=convictions]").click()
    assert page.evaluate("document.activeElement.closest('[data-fact]').dataset.fact") == "convictions"
    table = page.locator(".sw-fact-convictions")
    table.get_by_text("Einträge", exact=True).click()
    table.locator(".sw-cell-final").get_by_text("ja").click()
    table.locator(".sw-cell-final").get_by_text("unbekannt").click()
    page.wait_for_timeout(1500)
    assert table.get_by_label("Einträge").is_checked()  # an entry emptied again is no entry taken away
    for cell in ("final", "intentional"):
        table.locator(f".sw-cell-{cell}").get_by_text("ja").click()
    for cell, months in (("prison_months", "36"), ("day_rates", "0"), ("youth_penalty_months", "0")):
        table.locator(f".sw-cell-{cell} input").fill(months)
        page.keyboard.press("Tab")
    row = {"final": True, "intentional": True, "prison_months": 36, "day_rates": 0, "youth_penalty_months": 0}
    with bench.session({"convictions": [row]}, rules=["stay.grave_removal_interest"], on=dt.date(2026, 6, 1)) as case:
        outcome = case.determinations["stay.grave_removal_interest"].outcome
    page.get_by_label("Gründe zu").select_option(label=bench.rule_title("stay.grave_removal_interest", "de"))
    watched.says(".sw-reasons h3", bench.outcome_label(outcome, "de"))
    page.screenshot(path=pictures / "fallwerkstatt_eintraege.png")
    assert outcome != "needs_facts" and not watched.serious() and not watched.errors


@pytest.mark.deep
def test_families_are_placed_and_asked_about(pages, watched, checkout, pictures):
    page = opened(watched, pages, "verteilung.ipynb")
    watched.says(".sw-headline", "sind zu verteilen")
    page.get_by_role("button", name="Verteilen").click()
    watched.says(".sw-headline", "leben in")
    page.locator(".sw-choose-place input").fill("Aachen")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Warum hier, was dort?").click()
    watched.says(".sw-reasons", "Preis der Ausnahme »Aachen«")
    page.screenshot(path=pictures / "verteilung_plan.png")
    page.locator(".sw-grid input[type=search]").fill("Bielefeld")
    watched.says(".sw-grid", "(1 Zeilen)")
    quota = page.get_by_label("Quote: Bielefeld")
    quota.fill("1")
    page.keyboard.press("Tab")
    page.wait_for_selector(".sw-grid input.sw-edited")
    page.locator(".sw-grid").screenshot(path=pictures / "verteilung_tabelle.png")
    assert not watched.serious() and not watched.errors and not watched.foreign


@pytest.mark.deep
def test_another_key_gives_the_engines_quotas_and_a_front_can_be_stopped(pages, watched, checkout):
    page = opened(watched, pages, "verteilung.ipynb")
    page.locator(".sw-key select").select_option(label="Gemeinsamer Schlüssel nach Aufnahmefähigkeit")
    watched.says(".sw-key-told", "kommen")
    quotas = Workbench.open(checkout).distribute("combined", 600, dt.date(2023, 5, 31)).persons
    page.locator(".sw-grid input[type=search]").fill("Köln")
    assert page.get_by_label("Quote: Köln").input_value() == str(quotas["05315000"])
    assert page.locator(".sw-grid select").count() == 1
    page.get_by_role("button", name="Verteilen").click()
    watched.says(".sw-headline", "leben in")
    page.locator(".sw-map-around").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    watched.says(".sw-chosen-place", "im Plan")
    page.locator(".sw-front-start").click()
    page.wait_for_selector(".sw-front-stop:enabled")
    page.locator(".sw-front-stop").click()
    watched.says(".sw-front-progress", "Angehalten")
    assert not watched.serious() and not watched.errors and not watched.foreign


@pytest.mark.deep
def test_a_kernel_listens_to_no_other_origin_and_to_nobody_without_the_token(pages, watched):
    page = opened(watched, pages, "fallwerkstatt.ipynb")
    kernel = json.loads(page.locator("#jupyter-config-data").inner_text())["kernelId"]
    cookies = "; ".join(f"{one['name']}={one['value']}" for one in page.context.cookies())
    ours = pages.base.rstrip("/")
    assert asked_to_listen(pages, kernel, Cookie=cookies, Origin=ours) == 101
    assert asked_to_listen(pages, kernel, Cookie=cookies, Origin="http://boese.example") == 403
    assert asked_to_listen(pages, kernel, Origin=ours) in (401, 403)


@pytest.mark.deep
def test_leaving_a_page_ends_its_kernel(pages, watched):
    page = opened(watched, pages, "verteilung.ipynb")
    kernel = page.evaluate("() => JSON.parse(document.getElementById('jupyter-config-data').textContent).kernelId")
    address = f"{pages.base}api/kernels/{kernel}?token={pages.token}"
    assert answered(address).status == 200
    page.goto(pages.address)
    deadline = time.monotonic() + 20
    while answered(address).status != 404:
        assert time.monotonic() < deadline, "the kernel is still there"
        time.sleep(0.2)


@pytest.mark.deep
def test_no_other_template_can_be_asked_for(pages):
    shown = answered(f"{pages.base}voila/render/start.ipynb?token={pages.token}&voila-template=lab&template=lab")
    assert not re.search(r"(?:src|href)=\"https?://(?!127\.0\.0\.1)", shown.read().decode())


@pytest.mark.deep
def test_with_edit_a_scenario_is_saved_and_read_again(checkout, browser, tmp_path):
    name = "zz_aus_dem_test"
    written = [checkout / "params" / "scenarios" / f"{kind}_{name}.yaml" for kind in ("reception", "budget")]
    watched = Watched(browser)
    try:
        with served(PAGES, checkout, editing=True, surroundings=LANGUAGE) as server:
            page = opened(watched, server, "aufnahme_und_kosten.ipynb")
            page.get_by_label("Name für eine Szenariodatei").fill(name)
            page.get_by_role("button", name="Als Szenario speichern").click()
            watched.says(".sw-saved", f"stellwerk reception {name}")
            page.get_by_role("button", name="Als Szenario speichern").click()
            watched.says(".sw-saved", "wird nicht überschrieben")
        bench = Workbench.open(checkout)
        assert highest(bench, name) == highest(bench, "arrivals_2025")
    finally:
        watched.page.close()
        for path in written:
            path.unlink(missing_ok=True)


@pytest.mark.deep
def test_the_same_pages_work_in_jupyterlab(checkout, browser, pictures, tmp_path):
    driven = {"LabApp": {"expose_app_in_browser": True}}  # so that the test can run all cells
    (tmp_path / "jupyter_lab_config.json").write_text(json.dumps(driven), encoding="utf-8")
    surroundings = {**LANGUAGE, "JUPYTER_CONFIG_PATH": str(tmp_path)}
    bench = Workbench.open(checkout)
    with served(LAB, checkout, editing=True, surroundings=surroundings) as server:
        watched = Watched(browser)
        shows_in_lab(watched.page, server, "aufnahme_und_kosten.ipynb")
        watched.says(".sw-answer", highest(bench, "arrivals_2025"))
        watched.says(".sw-chances", "2.000 Läufen")
        watched.page.screenshot(path=pictures / "jupyterlab.png")
        assert watched.page.get_by_role("menuitem", name="Datei", exact=True).is_visible()
        assert watched.page.get_by_role("button", name="Als Szenario speichern").is_enabled()
        assert not watched.serious(".sw-page") and not watched.foreign
        watched.page.close()


@pytest.mark.deep
def test_a_slider_of_the_law_shows_the_engines_answer_and_is_saved_with_the_comments(
    checkout, browser, tmp_path, pictures
):
    for folder in ("rules", "params", "notebooks/workbench"):
        shutil.copytree(checkout / folder, tmp_path / folder)
    numbers = tmp_path / "params" / "law" / "stay.yaml"
    before = numbers.read_text(encoding="utf-8")
    watched = Watched(browser)
    with served(PAGES, tmp_path, editing=True, surroundings=LANGUAGE) as server:
        page = opened(watched, server, "regelwerkstatt.ipynb")
        assert page.locator("[aria-current=true]").inner_text() == "Aufenthalt bei nachhaltiger Integration"
        slider = page.locator(".sw-law-number input[type=range]").first
        slider.focus()
        for _ in range(2):
            page.keyboard.press("ArrowLeft")
        watched.says(".sw-headline", f"{_changed_with(checkout, '4 years')} von 270.000 Fällen")
        watched.says(".sw-check", "Beispiele gerechnet")
        page.wait_for_selector(".sw-sankey svg")
        page.screenshot(path=pictures / "regelwerkstatt.png")
        assert not watched.serious()
        page.locator("button.sw-save").click()
        watched.says(".sw-told", "Gespeichert")
    saved = numbers.read_text(encoding="utf-8")
    assert load_rulebook(tmp_path).parameter_on("stay.integration.years_required", dt.date.today()).value.months == 48
    assert _comments(saved) == _comments(before)
    assert not watched.foreign and not watched.errors
    watched.page.close()


def _changed_with(checkout, years):
    """How many of the page's cases change, as the engine counts them without a page."""
    bench = Workbench.open(checkout)
    cases, today = bench.synthetic_cases(270_000), dt.date.today()
    changes = {"stay.integration.years_required": (years, today)}
    found = bench.comparison(cases, children=bench.synthetic_children(cases), on=today, changes=changes)
    return found.affected_cases().len()


def _comments(source):
    return [line for line in source.splitlines() if "#" in line]


@pytest.mark.deep
def test_a_broken_rule_is_told_in_german_and_a_sound_one_saved_with_its_comments(checkout, browser, tmp_path, pictures):
    for folder in ("rules", "params", "notebooks/workbench"):
        shutil.copytree(checkout / folder, tmp_path / folder)
    rule = tmp_path / "rules" / "stay" / "sustained_integration.yaml"
    before = rule.read_text(encoding="utf-8")
    watched = Watched(browser)
    with served(PAGES, tmp_path, editing=True, surroundings=LANGUAGE) as server:
        page = opened(watched, server, "regelwerkstatt.ipynb")
        source = page.locator(".sw-source textarea")
        source.fill(before.replace("decide: should_grant", "decide: should_grannt", 1))
        watched.says(".sw-check", "Das Regelwerk stimmt so nicht")
        page.screenshot(path=pictures / "regelwerkstatt_fehler.png")
        page.locator("button.sw-save").click(force=True)
        page.wait_for_timeout(1500)
        assert rule.read_text(encoding="utf-8") == before
        source.fill(before.replace("nachhaltiger Integration", "nachhaltiger Eingliederung", 1))
        page.wait_for_function("() => !document.querySelector('.sw-check').innerText.includes('stimmt so nicht')")
        page.locator("button.sw-save").click()
        deadline = time.monotonic() + 30
        while rule.read_text(encoding="utf-8") == before and time.monotonic() < deadline:
            page.wait_for_timeout(200)
        saved = rule.read_text(encoding="utf-8")
        assert "nachhaltiger Eingliederung" in saved
        assert _comments(saved) == _comments(before)
        source.fill(saved.replace("nachhaltiger Eingliederung", "nachhaltiger Integration", 1))
        page.wait_for_timeout(2000)
        rule.write_text(saved + "# von außen\n", encoding="utf-8")
        page.locator("button.sw-save").click()
        page.wait_for_timeout(3000)
        assert rule.read_text(encoding="utf-8") == saved + "# von außen\n"
        page.screenshot(path=pictures / "regelwerkstatt_konflikt.png")
        assert "von außen" in page.locator(".sw-page").inner_text()
    watched.page.close()
