"""`inconcert assess` as a person runs it: good records answered, bad ones refused with file, reason and mend."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from inconcert.cli import app
from inconcert.synthetic import clinic, write_clinic

AS_OF = ("--as-of", "2026-11-16")


def run(*arguments):
    """Run the command and give back exit code, standard output and standard error."""
    result = CliRunner().invoke(app, ["assess", *map(str, arguments)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(scope="session")
def people(tmp_path_factory) -> Path:
    """The invented clinic, written as FHIR once."""
    folder = tmp_path_factory.mktemp("clinic")
    write_clinic(folder)
    return folder


@pytest.fixture(scope="session")
def one(people) -> Path:
    """The file of one invented person."""
    return people / "policy-calls-pair-experimental.json"


def test_the_terminal_answer_fits_and_gives_all_four(one):
    """Plain text of at most 80 columns with who, paid for, how given and does it work, and the label `invented`."""
    code, out, _ = run(one, *AS_OF)
    assert code == 0
    assert max(map(len, out.splitlines())) <= 80
    for words in ("1. Who", "2. Paid for", "3. How given", "4. Does it work", "INVENTED"):
        assert words in out


def test_json_holds_account_person_and_the_four_answers_with_their_basis(one):
    """The keys the schema promises are there, each answer has text and a basis with a rule and a day."""
    code, out, _ = run(one, *AS_OF, "--json")
    found = json.loads(out)
    assert code == 0
    account = found["account"]
    assert account["resources"] == account["used"] + account["kept_not_used"] + len(account["refused"])
    assert found["person"]["invented"] is True
    for name in ("who", "paid", "given", "evidence"):
        answer = found["answers"][name]
        assert answer["text"]
        assert answer["basis"]["rule_id"]
        assert answer["basis"]["as_of"] == "2026-11-16"


def test_named_payers_and_a_plan_are_answered_part_by_part(one):
    """--payer chooses the policies and --plan the pair: each part under its own policy, then what they say of the pair."""
    code, out, _ = run(
        one, *AS_OF, "--json", "--payer", "aetna-tms", "--payer", "uhc-spravato", "--plan", "esketamine+rtms"
    )
    paid = json.loads(out)["answers"]["paid"]
    assert code == 0
    assert [d["policy_id"] for d in paid["determinations"]] == ["aetna-tms", "uhc-spravato"]
    (plan,) = paid["plans"]
    assert {part["policy_id"] for part in plan["parts"]} == {"aetna-tms", "uhc-spravato"}
    assert plan["pair_allowed"] != "met"
    assert "experimental" in plan["pair_text"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--payer", "aetna"), "aetna-tms"),
        (("--plan", "esketamin+rtms"), "esketamine"),
        (("--as-of", "2026-02-30"), "not a day that exists"),
        (("--person", "nobody"), "holds no person"),
        (("--pdf", "/nowhere/at/all/report.pdf"), "does not exist"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_nearest(one, arguments, said):
    """An unknown policy, service, day, person or folder exits with 2 and a mend."""
    code, out, err = run(one, *arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert "Mend" in err


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("empty.json", b""),
        ("truncated.json", b'{"resourceType": "Bundle", "entry": [{"resource": {"resourceT'),
        ("deep.json", b"[" * 50_000 + b"]" * 50_000),
        ("words.json", b"not json at all"),
        ("page.xml", b"<Bundle/>"),
        ("other.json", b'{"hello": "world"}'),
        ("latin.json", '{"resourceType": "Patient", "id": "\xe9"}'.encode("latin-1")),
    ],
)
def test_where_nothing_can_be_used_the_exit_code_says_so(tmp_path, name, content):
    """Each hopeless file exits with 1, prints nothing as data, and names the file and a mend."""
    file = tmp_path / name
    file.write_bytes(content)
    code, out, err = run(file)
    assert (code, out) == (1, "")
    assert name in err
    assert "Mend" in err


def test_two_people_in_one_bundle_are_answered_apart(tmp_path):
    """Nothing of one person reaches the other; the command says there are two."""
    bundles = clinic()
    first, second = bundles["aneurysm"], bundles["cochlear-implant"]
    file = tmp_path / "two.json"
    file.write_text(json.dumps({**first, "entry": first["entry"] + second["entry"]}))
    code, out, err = run(file, *AS_OF, "--json")
    found = json.loads(out)
    assert code == 0
    assert "2 people" in err
    clearances = [
        {c["arm"]: c["clearance"] for c in a["answers"]["who"]["safety"]["clearances"]} for a in found["assessments"]
    ]
    assert [(c["ketamine"], c["tms"]) for c in clearances] == [("never", "cleared"), ("cleared", "never")]


def test_the_same_bundle_twice_changes_no_answer(tmp_path, one):
    """Doubling every entry leaves the answers as they were and counts the copies as kept, not used."""
    bundle = json.loads(one.read_text())
    file = tmp_path / "twice.json"
    file.write_text(json.dumps({**bundle, "entry": bundle["entry"] * 2}))
    once, twice = (json.loads(run(f, *AS_OF, "--json")[1]) for f in (one, file))
    assert twice["answers"] == once["answers"]
    assert twice["account"]["kept_not_used"] - once["account"]["kept_not_used"] == len(bundle["entry"])


def test_facts_dated_after_the_day_asked_about_are_not_known_on_it(one):
    """Asked as of a day before every record, the same chart knows no trial and clears nothing."""
    found = json.loads(run(one, "--as-of", "2020-01-01", "--json")[1])
    assert found["answers"]["who"]["history"]["trials"] == []
    assert {c["clearance"] for c in found["answers"]["who"]["safety"]["clearances"]} <= {"hold", "never"}
    assert found["scores"] == {}


def test_several_people_go_to_a_folder_of_reports(tmp_path, people):
    """A folder of charts gives one page a person, named by id, and refuses a single file for all."""
    two = tmp_path / "charts"
    two.mkdir()
    for name in ("aneurysm.json", "adolescent.json"):
        (two / name).write_bytes((people / name).read_bytes())
    assert run(two, *AS_OF, "--html", tmp_path / "all.html")[0] == 2
    assert run(two, *AS_OF, "--html", tmp_path / "pages")[0] == 0
    assert sorted(p.name for p in (tmp_path / "pages").iterdir()) == ["adolescent.html", "aneurysm.html"]
