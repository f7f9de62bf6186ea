"""What is wrong with a reader's file, and what is said of it. Rows of a file are parted by `/`, its name is `file.csv`.

A case is: what is wrong | the file | who is left out, or `whole file` | words of the message. Study Good, with its two rows, is in
every file of which a study is left out, and must still go in. Each message has a mend.
"""

from __future__ import annotations

import re

import pytest

from inconcert.evidence.synthesis.data.file import read_network
from inconcert.evidence.synthesis.data.types import NetworkError, Scale

COUNTS = "study,treatment,n,events / Good,ket,20,10 / Good,pla,21,5"
MEANS = "study,treatment,n,mean,sd / Good,ket,20,-10,5 / Good,pla,21,-5,4"
PAIRS = "study,treat1,treat2,TE,seTE / Good,ket,pla,0.7,0.3"

LEFT_OUT = """
one arm                        | C / Bad,ket,20,10                                      | line 4         | one treatment only
n missing                      | C / Bad,ket,,10 / Bad,pla,20,3                         | line 4, line 5 | line 4: n is missing
n missing by letters           | C / Bad,ket,20,10 / Bad,pla,NA,3                       | line 4, line 5 | line 5: n is missing
n zero                         | C / Bad,ket,0,0 / Bad,pla,20,3                         | line 4, line 5 | line 4, ket: n is 0
n negative                     | C / Bad,ket,-20,10 / Bad,pla,20,3                      | line 4, line 5 | n is -20
n not whole                    | C / Bad,ket,20.5,10 / Bad,pla,20,3                     | line 4, line 5 | n is 20.5
n infinite                     | C / Bad,ket,inf,10 / Bad,pla,20,3                      | line 4, line 5 | 'inf', not a number
more events than people        | C / Bad,ket,20,21 / Bad,pla,20,3                       | line 4, line 5 | 21 events among 20
events negative                | C / Bad,ket,20,-1 / Bad,pla,20,3                       | line 4, line 5 | events is -1
events missing                 | C / Bad,ket,20,10 / Bad,pla,20                         | line 4, line 5 | line 5: events is missing
proportion for events          | C / Bad,ket,20,0.45 / Bad,pla,20,0.15                  | line 4, line 5 | looks like a proportion.*0.45 of 20 would be 9
percentage for events          | C / Bad,ket,40,12.5 / Bad,pla,20,3                     | line 4, line 5 | not a percentage .12.5 % of 40 would be 5
percent sign                   | C / Bad,ket,40,45% / Bad,pla,20,3                      | line 4, line 5 | '45%', a percentage
events of n in one cell        | C / Bad,ket,40,10/40 / Bad,pla,20,3                    | line 4, line 5 | two columns
decimal comma                  | C / Bad,ket,40,"12,5" / Bad,pla,20,3                   | line 4, line 5 | decimals with a point
thousands                      | C / Bad,ket,1 400,12 / Bad,pla,20,3                    | line 4, line 5 | mark between thousands
underscore                     | C / Bad,ket,1_4,12 / Bad,pla,20,3                      | line 4, line 5 | not a number
a bound                        | C / Bad,ket,40,<5 / Bad,pla,20,3                       | line 4, line 5 | a bound
a word                         | C / Bad,ket,forty,5 / Bad,pla,20,3                     | line 4, line 5 | 'forty', not a number
no treatment                   | C / Bad,,40,5 / Bad,pla,20,3                           | line 4, line 5 | treatment is missing
a row twice                    | C / Bad,ket,40,5 / Bad,pla,20,3 / Bad,pla,20,3         | line 4, line 5, line 6 | line 5 and line 6 are the same
no events at all               | C / Bad,ket,40,0 / Bad,pla,20,0                        | line 4, line 5 | no arm has any event
only events                    | C / Bad,ket,40,40 / Bad,pla,20,20                      | line 4, line 5 | everybody in every arm
sd zero                        | M / Bad,ket,40,-9,0 / Bad,pla,20,-3,4                  | line 4, line 5 | standard deviation is 0
sd negative                    | M / Bad,ket,40,-9,-4 / Bad,pla,20,-3,4                 | line 4, line 5 | standard deviation is -4
sd missing                     | M / Bad,ket,40,-9, / Bad,pla,20,-3,4                   | line 4, line 5 | line 4: sd is missing
mean missing                   | M / Bad,ket,40,NR,4 / Bad,pla,20,-3,4                  | line 4, line 5 | line 4: mean is missing
SE zero                        | P / Bad,ket,pla,0.5,0                                  | line 3         | seTE is 0
SE negative                    | P / Bad,ket,pla,0.5,-0.2                               | line 3         | seTE is -0.2
SE missing                     | P / Bad,ket,pla,0.5,                                   | line 3         | line 3: seTE is missing
effect missing                 | P / Bad,ket,pla,,0.2                                   | line 3         | line 3: TE is missing
compared with itself           | P / Bad,ket,ket,0.5,0.2                                | line 3         | compared with itself
one treatment named            | P / Bad,ket,,0.5,0.2                                   | line 3         | treatment is missing
a comparison twice             | P / Bad,ket,pla,0.5,0.2 / Bad,pla,ket,-0.4,0.2         | line 3, line 4 | both compare pla with ket
two of three comparisons       | P / Bad,ket,pla,0.5,0.2 / Bad,tms,pla,0.4,0.2          | line 3, line 4 | never taken for zero.*ket against tms.*se_baseline
four arms, four rows           | P / Bad,a,d,0,1 / Bad,b,d,0,1 / Bad,c,d,0,1 / Bad,a,b,0,1 | line 3, line 4, line 5, line 6 | or all 6, and there are 4
comparisons contradict         | P / Bad,a,c,0.5,1 / Bad,b,c,0.1,1 / Bad,a,b,0.9,1      | line 3, line 4, line 5 | 0.4.*agree to
signs of one row turned        | P / Bad,a,c,0.50,1 / Bad,b,c,0.10,1 / Bad,a,b,-0.40,1  | line 3, line 4, line 5 | check the sign
a variance below zero          | P / Bad,a,c,0.5,0.2 / Bad,b,c,0.1,0.3 / Bad,a,b,0.4,0.6 | line 3, line 4, line 5 | 0.6 .line 5., is not below the sum.*give mean, sd and n
"""

COLUMNS = """
weight above one     | study,treatment,n,events,weight / Good,a,9,3,1 / Good,b,9,4,1 / Bad,a,9,3,2 / Bad,b,9,4,2     | weight is 2
weight not a number  | study,treatment,n,events,weight / Good,a,9,3,1 / Good,b,9,4,1 / Bad,a,9,3,x / Bad,b,9,4,x     | weight is 'x'
two weights          | study,treatment,n,events,weight / Good,a,9,3,1 / Good,b,9,4,1 / Bad,a,9,3,1 / Bad,b,9,4,0.5   | one weight per study
two sizes of one arm | study,treat1,treat2,TE,seTE,n1,n2 / Good,a,b,1,1,9,9 / Bad,a,c,1,1,9,8 / Bad,b,c,1,1,9,7 / Bad,a,b,0,1,9,9 | c has n 8 in line 3 and 7 in line 4
two baselines        | study,treat1,treat2,TE,seTE,var_ref / Good,a,b,1,1, / Bad,a,c,1,1,.2 / Bad,b,c,1,1,.3         | one number above 0
estimate outside     | study,treat1,treat2,OR,lower,upper / Good,a,b,2,1,4 / Bad,a,c,5,1,4                           | outside its interval
bounds swapped       | study,treat1,treat2,OR,lower,upper / Good,a,b,2,1,4 / Bad,a,c,2,4,1                           | not below upper
ratio below zero     | study,treat1,treat2,OR,lower,upper / Good,a,b,2,1,4 / Bad,a,c,-2,1,4                          | ratio of -2 cannot be
"""

WHOLE_FILE = """
nothing                      |                                                                 | is empty
a header only                | study,treatment,n,events                                        | header and no rows
no header                    | A,ket,20,10 / A,pla,21,5                                        | line 1.*header may be missing
no study                     | treatment,n,events / ket,20,10                                  | No column has the study
no treatment                 | study,n,events / A,20,10                                        | No column has the treatment
no n                         | study,treatment,events / A,ket,10                               | No column has the n
no outcome                   | study,treatment,n / A,ket,20                                    | neither events
mean without sd              | study,treatment,n,mean / A,ket,20,3                             | neither events
no effect                    | study,treat1,treat2,se / A,ket,pla,1                            | no column has the effect
no standard error            | study,treat1,treat2,TE / A,ket,pla,1                            | standard error
half an interval             | study,treat1,treat2,TE,lower / A,ket,pla,1,0                    | standard error
a column twice               | study,treatment,n,n,events / A,ket,20,20,10                     | two columns are named 'n'
an unquoted comma            | study,treatment,n,events / A,ket,20,10 / B,ket, iv,20,10        | line 3: 5 cells under 4 names
a decimal comma unquoted     | study,treat1,treat2,TE,seTE / A,ket,pla,0,7,0,3                 | decimals with a point
an open quote                | study,treatment,n,events / "A,ket,20,10                         | line 2
a row without a study        | study,treatment,n,events / A,ket,20,10 / ,pla,21,5              | line 3: no study is named
no study can enter           | study,treatment,n,events / A,ket,20,30 / A,pla,21,5             | its only study could not enter.*30 events among 20
all for one reason           | study,treatment,n,events / A,ket,20,1 / B,ket,20,2              | 2 studies could enter. all for one reason
a measure of means           | study,treatment,n,events / A,ket,20,1 / A,pla,20,2              | MD needs mean
"""
SHORT = {"C": COUNTS, "M": MEANS, "P": PAIRS}


def cases(table: str, parts: int) -> list[list[str]]:
    """The cells of each line."""
    lines = [[cell.strip() for cell in line.split(" |")] for line in table.strip().splitlines()]
    assert all(len(line) == parts for line in lines), [line for line in lines if len(line) != parts]
    return [[cell.removeprefix("| ").strip() for cell in line] for line in lines]


def text_of(rows: str) -> str:
    """A file's text; the first part may be a letter for a header with study Good."""
    first, *others = rows.split(" / ")
    return "\n".join([*SHORT.get(first.strip(), first).split(" / "), *others]) + "\n"


@pytest.mark.parametrize("case", cases(LEFT_OUT, 4), ids=lambda case: case[0])
def test_a_study_that_cannot_enter_is_named_and_the_others_enter(case: list[str]) -> None:
    """Study Bad is left out with its lines, the reason and a mend, or the reason alone where nothing can mend it."""
    _, rows, lines, words = case
    network = read_network(text_of(rows), scale=Scale.OR if rows.startswith("P") else None)
    assert [study.study for study in network.studies] == ["Good"]
    (left,) = network.excluded
    assert left.study == "Bad"
    assert ", ".join(left.row_ids) == lines
    assert re.search(words, left.why), left.why
    assert "Mend:" in left.why or "says nothing about OR" in left.why


@pytest.mark.parametrize("case", cases(COLUMNS, 3), ids=lambda case: case[0])
def test_columns_of_a_study_that_cannot_be_are_named(case: list[str]) -> None:
    """Weights, sizes, baselines and intervals that cannot be leave their study out, and study Good in."""
    _, rows, words = case
    network = read_network(text_of(rows))
    assert [study.study for study in network.studies] == ["Good"]
    (left,) = network.excluded
    assert re.search(words, left.why), left.why
    assert "Mend:" in left.why


@pytest.mark.parametrize("case", cases(WHOLE_FILE, 3), ids=lambda case: case[0])
def test_a_file_that_cannot_be_read_says_where_and_what_to_do(case: list[str]) -> None:
    """The message names the file and a mend, and the line where there is one."""
    title, rows, words = case
    scale = Scale.MD if title == "a measure of means" else None
    with pytest.raises(NetworkError, match=words) as caught:
        read_network(text_of(rows), name="file.csv", scale=scale)
    assert "file.csv" in str(caught.value)
    assert "Mend:" in str(caught.value)
    assert not str(caught.value).endswith("..")


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"study,treatment,n,events\nA,ket,20,10\nM\xfcller,pla,21,5\n", "line 3: byte 0xfc is not UTF-8"),
        (b"PK\x03\x04rest of a workbook", "workbook"),
        (b"study,treatment,n,events\nA,ket\x00,20,10\n", "line 2: this is not text"),
        (b"study,treatment,n,events\nA,ket,20,10\nA,\x1b[31mpla,20,10\n", "line 3: this is not text"),
    ],
)
def test_bytes_that_are_no_text_name_their_line(raw: bytes, words: str) -> None:
    """An older encoding, a workbook or a stray zero byte is told apart from a bad row."""
    with pytest.raises(NetworkError, match=words):
        read_network(raw, name="file.csv")


def test_a_file_that_is_not_there_is_named() -> None:
    """The path stands in the message."""
    with pytest.raises(NetworkError, match=r"no file 'nowhere/arms\.csv'"):
        read_network("nowhere/arms.csv")


SUSPECTED = """
names alike          | C / B,Ket,20,10 / B,pla,20,3                                              | 'ket' and 'Ket' differ only
study names alike    | C / good,ket,20,10 / good,pla,20,3                                        | 'Good' and 'good' differ only
a shared control     | C / Li 2009a,ket,20,10 / Li 2009a,pla,20,3 / Li 2009b,tms,20,10 / Li 2009b,pla,20,3 | pla has the same numbers in Li 2009a and Li 2009b
a study twice        | C / Li,ket,20,10 / Li,pla,25,3 / Ma,ket,20,10 / Ma,pla,25,3                | Li and Ma agree in every arm
outcome turned       | C / B,ket,99,60 / B,pla,99,20 / C,ket,90,58 / C,pla,90,21 / D,ket,99,20 / D,pla,99,60 | Study D: pla minus ket is OR 6.08
change upward        | M / B,ket,20,-9,5 / B,pla,20,-3,5 / C,ket,20,9,5 / C,pla,20,3,5            | Every mean of C is above 0
"""


@pytest.mark.parametrize("case", cases(SUSPECTED, 3), ids=lambda case: case[0])
def test_what_looks_wrong_is_said_and_left_as_it_is(case: list[str]) -> None:
    """Every study enters with the numbers as given, and the note says what to check."""
    _, rows, words = case
    network = read_network(text_of(rows))
    assert not network.excluded
    assert any(re.search(words, note) for note in network.notes), network.notes
