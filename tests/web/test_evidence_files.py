"""What can be taken away from “Better together?”, the question asked in every way, and a site on which a part is missing."""

from __future__ import annotations

import builtins
import csv
import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse

from inconcert.evidence.synthesis.pair import multiverse
from inconcert.evidence.synthesis.pair.types import Options, Universe
from inconcert.exchange.evidence import combine_report
from inconcert.exchange.evidence.combine_json import TABLES
from inconcert.exchange.evidence.folding import folded
from inconcert.knowledge.studies import study_tables
from inconcert.web import evidence_answer, evidence_ways
from inconcert.web.evidence_pictures import spec_of

DAY = date(2026, 11, 22)
FEW = {
    "outcome": multiverse.ROWS["outcome"], "design": multiverse.ROWS["design"], "lumping": multiverse.ROWS["lumping"][:2],
    "controls": multiverse.ROWS["controls"][:1], "week": (4.0,), "recalled": (True,), "derived": (True,),
    "scale": multiverse.ROWS["scale"][:1],
}  # fmt: skip


@pytest.fixture
def few_ways(monkeypatch: pytest.MonkeyPatch) -> list[Options]:
    """The question asked in a few ways only, since all take seconds; a list of what was asked."""
    asked: list[Options] = []

    def every_way(options: Options, progress: multiverse.Progress) -> tuple[Universe, ...]:
        asked.append(options)
        return multiverse.multiverse(options, study_tables(), progress)

    monkeypatch.setattr(multiverse, "ROWS", FEW)
    monkeypatch.setattr(evidence_ways, "every_way", every_way)
    monkeypatch.setattr(evidence_ways, "_RUNS", {})
    return asked


@pytest.mark.parametrize("table", TABLES)
def test_each_table_can_be_taken_away(town: Any, few_ways: list[Options], table: str) -> None:
    """A table comes as a file named by us, with one name a column and as many cells in every row."""
    response = town.client("researcher").get(reverse("evidence_file", args=[f"{table}.csv"]))
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/csv")
    assert response["Content-Disposition"].endswith(f'-{table}.csv"')
    head, *rows = csv.reader(io.StringIO(response.content.decode()))
    assert len(set(head)) == len(head) > 1
    assert rows
    assert {len(row) for row in rows} == {len(head)}


def test_the_results_are_those_of_the_page_at_full_precision(town: Any, few_ways: list[Options]) -> None:
    """The JSON holds the choices, the sentences and the numbers of the same answer, and null where there is no number."""
    response = town.client("researcher").get(reverse("evidence_file", args=["results.json"]) + "?lumping=families")
    found = json.loads(response.content)
    assert found["options"]["lumping"] == "families"
    assert found["interaction"]["estimate"] is None
    assert found["interaction"]["would_identify"]
    assert len(found["multiverse"]) > 4
    assert [row["id"] for row in found["forest"]].count(found["interaction"]["id"]) == 1


@pytest.mark.parametrize(("name", "start"), [("report.html", b"<!doctype html"), ("report.pdf", b"%PDF")])
def test_the_report_can_be_taken_away(town: Any, few_ways: list[Options], name: str, start: bytes) -> None:
    """The report comes as a page and as a PDF."""
    response = town.client("researcher").get(reverse("evidence_file", args=[name]))
    assert response.status_code == 200
    assert response.content.lstrip().lower().startswith(start.lower())
    assert "attachment" in response["Content-Disposition"]


@pytest.mark.parametrize("name", ["report.html", "report.pdf"])
def test_without_its_part_the_report_says_what_to_install(
    town: Any, few_ways: list[Options], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the part that draws is missing, a sentence with the line to type comes instead of a fault."""

    def missing(*_: object) -> str:
        raise ModuleNotFoundError("No module named 'typst'", name="typst")

    monkeypatch.setattr(combine_report, "combine_html", missing)
    monkeypatch.setattr(combine_report, "combine_pdf", missing)
    response = town.client("researcher").get(reverse("evidence_file", args=[name]))
    assert response.status_code == 501
    assert "pip install 'inconcert[report]'" in response.content.decode()


@pytest.mark.parametrize("name", ["../secret_key", "forest.txt", "report.exe", "options.csv", ""])
def test_there_is_no_other_file(town: Any, name: str) -> None:
    """A name that is none of ours is not looked for."""
    base = reverse("evidence_file", args=["forest.csv"]).removesuffix("forest.csv")
    assert town.client("researcher").get(base + name).status_code == 404


def test_every_way_comes_after_the_page_and_stands_alone_too(town: Any, few_ways: list[Options]) -> None:
    """Htmx gets the section alone, a browser without scripts the page; both say the same, and why some ways give none."""
    client, address = town.client("researcher"), reverse("evidence_ways")
    client.get(address)  # now it is kept
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    whole = client.get(address).content.decode()
    assert "<html" not in part
    assert "<html" in whole
    assert part.strip() in whole
    assert " ways (outcome: response and remission), " in part
    assert "Ways that give no number, and why" in part
    page = client.get(reverse("evidence")).content.decode()
    assert f'hx-get="{address}?"' in page
    assert f'href="{address}"' in page


def test_nobody_s_page_waits_for_every_way(town: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it is computed each page is told how far it is and asks again; it is begun once, and then comes at once."""
    go_on, begun, asked = threading.Event(), threading.Event(), list[Options]()

    def slow(options: Options, progress: multiverse.Progress) -> tuple[Universe, ...]:
        asked.append(options)
        progress(3, 8)
        begun.set()
        go_on.wait(60)
        return ()

    monkeypatch.setattr(evidence_ways, "every_way", slow)
    monkeypatch.setattr(evidence_ways, "_RUNS", {})
    client, address, headers = town.client("researcher"), reverse("evidence_ways"), {"HX-Request": "true"}
    try:
        assert "hx-get" in client.get(address, headers=headers).content.decode()
        assert begun.wait(60)
        for _ in range(2):
            page = client.get(address, headers=headers).content.decode()
            assert "3 of 8 choices" in page
            assert 'hx-trigger="load delay:1s"' in page
    finally:
        go_on.set()
    assert evidence_ways.ways_of(asked[0].as_of) == ()
    page = client.get(address, headers=headers).content.decode()
    assert "none of which gives an interaction" in page
    assert "hx-trigger" not in page
    assert len(asked) == 1


def test_a_fault_while_asking_in_every_way_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """What went wrong is raised to whoever waits and never kept as an answer; the next one begins anew. Old days are let go."""
    faults = iter([ZeroDivisionError("drawn"), None, None, None, None, None, None])

    def shaky(_: Options, __: multiverse.Progress) -> tuple[Universe, ...]:
        fault = next(faults)
        if fault is not None:
            raise fault
        return ()

    monkeypatch.setattr(evidence_ways, "every_way", shaky)
    monkeypatch.setattr(evidence_ways, "_RUNS", {})
    with pytest.raises(ZeroDivisionError):
        evidence_ways.ways_of(DAY)
    assert evidence_ways.ways_of(DAY) == ()
    for day in range(1, 6):
        evidence_ways.ways_of(date(2025, 1, day))
        assert evidence_ways.begin(date(2025, 1, day)) is evidence_ways.begin(date(2025, 1, day))
    assert len(evidence_ways._RUNS) == evidence_ways.DAYS_KEPT


def test_every_way_does_not_depend_on_what_was_chosen(town: Any, few_ways: list[Options]) -> None:
    """Whatever is chosen, the usual question is marked among the ways, so that a choice cannot pass for the usual one."""
    client = town.client("researcher")
    client.get(reverse("evidence_ways"))
    client.get(reverse("evidence_ways") + "?lumping=families&outcome=remission&weight=0.5")
    assert len(set(few_ways)) == 1
    usual = evidence_answer.usual(few_ways[0].as_of)
    assert few_ways[0] == usual
    table = client.get(reverse("evidence_file", args=["multiverse.csv"]) + "?outcome=remission").content.decode()
    marked = [row for row in csv.DictReader(io.StringIO(table)) if row["is_default"] == "True"]
    assert [(row["outcome"], row["lumping"]) for row in marked] == [("response", "broad")]
    answer = evidence_answer.answer_of(usual)
    assert float(marked[0]["estimate"]) == pytest.approx(answer.interaction.row.estimate)


def test_what_no_choice_of_the_form_changes_changes_no_way(few_ways: list[Options]) -> None:
    """Asked from another choice, every way gives the same numbers: one computation serves all pages of a day."""
    day = DAY
    one = multiverse.multiverse(Options(as_of=day), study_tables())
    other = multiverse.multiverse(Options(as_of=day, nonrandomized_weight=0.5, bias_sd=1.0), study_tables())
    assert [(w.choices, w.estimate, w.lower, w.upper) for w in one] == [
        (w.choices, w.estimate, w.lower, w.upper) for w in other
    ]


@pytest.mark.parametrize("name", ["forest", "network", "reach", "let_in", "multiverse"])
def test_each_picture_is_a_specification_with_its_words(town: Any, few_ways: list[Options], name: str) -> None:
    """A picture fits its frame, has its words, and asks for nothing from elsewhere."""
    client, address = town.client("researcher"), reverse("evidence_picture", args=[name])
    spec = client.get(f"{address}?width=300").json()
    assert spec["description"]
    assert '"url"' not in json.dumps(spec)
    assert client.get(f"{address}?width=300&narrow=yes").status_code == 200


def test_a_folded_picture_has_the_same_numbers(few_ways: list[Options]) -> None:
    """In a narrow frame words stand in lines, and rows are as high as they need; no number is another one."""
    answer = evidence_answer.answer_of(evidence_answer.usual(DAY))
    wide, narrow = spec_of("forest", answer, 300), spec_of("forest", answer, 300, narrow=True)
    assert numbers_in(wide) == numbers_in(narrow)
    assert narrow["config"]["lineBreak"] == "\n"
    assert folded(wide) == folded(folded(wide))
    for one, other in zip(wide["vconcat"], narrow["vconcat"], strict=True):
        assert other["height"] > one["height"]
        labels = {p["label"] for layer in other["layer"] for p in layer["data"]["values"] if "label" in p}
        assert set(other["layer"][1]["encoding"]["y"]["sort"]) == labels
        assert {label.replace("\n", " ") for label in labels} == {
            p["label"] for layer in one["layer"] for p in layer["data"]["values"] if "label" in p
        }


def numbers_in(spec: Any) -> list[float]:
    """Every point of a picture, in order."""
    points = [p for panel in spec["vconcat"] for layer in panel["layer"] for p in layer["data"]["values"]]
    return [p[key] for p in points for key in ("low", "at", "high") if key in p]


@pytest.fixture
def no_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A site without the part that computes."""
    real: Callable[..., Any] = builtins.__import__

    def without(name: str, *rest: Any, **more: Any) -> Any:
        fromlist = rest[2] if len(rest) > 2 else more.get("fromlist") or ()
        if "evidence_answer" in (fromlist or ()) or name.endswith("evidence_answer"):
            raise ModuleNotFoundError("No module named 'numpy'", name="numpy")
        return real(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", without)


@pytest.mark.usefixtures("no_numpy")
def test_without_the_part_that_computes_the_page_says_so(town: Any) -> None:
    """Where numpy is missing the page says what to install; files say it too, and the studies can still be read."""
    client = town.client("researcher")
    page = client.get(reverse("evidence"))
    assert page.status_code == 200
    assert "pip install &#x27;inconcert[science]&#x27;" in page.content.decode().replace("'", "&#x27;")
    for address in (reverse("evidence_file", args=["forest.csv"]), reverse("evidence_picture", args=["forest"])):
        response = client.get(address)
        assert response.status_code == 501
        assert "inconcert[science]" in response.content.decode()
    for name, arguments in (
        ("evidence_studies", []),
        ("evidence_study", ["SHANOK2024"]),
        ("evidence_row", ["SHANOK2024/comb/PHQ9/63/response"]),
    ):
        response = client.get(reverse(name, args=arguments))
        assert response.status_code == 200
        assert "Shanok" in response.content.decode()
        assert "In this question" not in response.content.decode()


def test_the_site_starts_without_the_part_that_computes() -> None:
    """Every address can be read in where numpy does not exist."""
    program = (
        "import sys; sys.modules['numpy'] = None\n"
        "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'inconcert.web.settings_test'; django.setup()\n"
        "import inconcert.web.urls; from inconcert.web.warm import warm_up; warm_up(); print('started')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False)
    assert done.stdout.strip() == "started", done.stderr
