"""Separator, head and rows of delimited text, and the faults that refuse a file."""

import pytest

from messaging.importers import columns, inspection
from messaging.importers.delimited import rows
from messaging.importers.problems import FileRefused

HEAD = "Pat-Nr;Nachname;Bemerkung"


@pytest.fixture
def read(tmp_path):
    def inspect(text: str, encoding: str = "utf-8", kind: str = "patients"):
        path = tmp_path / "file.csv"
        path.write_bytes(text.encode(encoding))
        return inspection.inspect(path, kind)

    return inspect


@pytest.mark.parametrize(
    ("text", "separator", "head"),
    [
        ("Pat-Nr;Nachname\nM1;Groß", ";", ("Pat-Nr", "Nachname")),
        ("Pat-Nr,Nachname\nM1,Groß", ",", ("Pat-Nr", "Nachname")),
        ("Pat-Nr\tNachname\nM1\tGroß", "\t", ("Pat-Nr", "Nachname")),
        # a comma inside names of columns does not make it the separator
        ('Pat-Nr;"Straße, Nr.";Nachname, Vorname\nM1;Weg 1;Groß', ";", ("Pat-Nr", "Straße, Nr.", "Nachname, Vorname")),
        ('"Pat-Nr";"Nachname"\r\n"M1";"Groß"', ";", ("Pat-Nr", "Nachname")),
        ("sep=,\r\nPat-Nr,Nachname\r\nM1,Groß", ",", ("Pat-Nr", "Nachname")),
        ("\n\nPat-Nr;Nachname;;\nM1;Groß;;", ";", ("Pat-Nr", "Nachname")),
        ("pat nr;NACHNAME\rM1;Groß\r", ";", ("pat nr", "NACHNAME")),  # line ends of an old Macintosh
    ],
)
def test_separator_and_head_are_found(read, text, separator, head):
    for encoding in ("utf-8", "utf-8-sig", "cp1252", "utf-16"):
        found = read(text, encoding).layout

        assert (found.separator, found.head) == (separator, head)
        assert [cells[0] for _, cells in rows(found)] == ["M1"]


def test_rows_are_numbered_as_a_spreadsheet_does(read):
    """A cell with line breaks is one row, an empty line is a row as well, a "sep=" line is none."""
    text = f'sep=;\n{HEAD}\nM1;Groß;"zwei\nZeilen; hier"\n\n;;\nM2;Meyer;\n'

    found = list(rows(read(text).layout))

    assert found == [(2, ["M1", "Groß", "zwei\nZeilen; hier"]), (5, ["M2", "Meyer", ""])]


@pytest.mark.parametrize(
    ("text", "code", "row"),
    [
        (f'{HEAD}\nM1;Groß;"offen\nM2;Meyer;\n', "open_quote", "Zeile 2"),
        (f'{HEAD}\nM1;Groß;\nM2;"Meyer;\n' + "M3;Weiß;\n" * 20_000, "open_quote", "Zeile 3"),
        (f'{HEAD}\nM1;"Groß" GmbH;\n', "text_after_quote", "Zeile 2"),
        (f"{HEAD}\n", "no_rows", None),
        (f"{HEAD}\n;;\n\n", "no_rows", None),
        ("Pat-Nr\nM1\n", "no_separator", None),
        ("M00001;Groß;04.12.1975\nM00002;Meyer;05.12.1975\n", "no_head", None),
        ("1234,Groß,ute@example.org\n", "no_head", None),
    ],
)
def test_a_broken_file_is_refused_as_a_whole(read, text, code, row):
    with pytest.raises(FileRefused) as refused:
        read(text)

    assert refused.value.problem.code == code
    assert row is None or row in refused.value.problem.sentence


def test_a_quote_inside_a_cell_is_text(read):
    found = read(f'{HEAD}\nM1;Haus "Sonne";"er sagte ""ja"""\n')

    assert list(rows(found.layout)) == [(2, ["M1", 'Haus "Sonne"', 'er sagte "ja"'])]


def test_columns_that_must_be_there_are_asked_for(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("Pat-Nr;Vorname\nM1;Ute\n", encoding="utf-8")

    with pytest.raises(FileRefused) as refused:
        inspection.inspect(path, "patients", columns.recognise(("Pat-Nr", "Vorname"), "patients"))

    assert refused.value.problem.sentence == "Es fehlt die Spalte „Nachname“."


def test_a_mapping_of_another_file_is_refused(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("Pat-Nr;Nachname\nM1;Groß\n", encoding="utf-8")

    with pytest.raises(FileRefused) as refused:
        inspection.inspect(path, "patients", {0: "number", 1: "last_name", 7: "city"})

    assert refused.value.problem.code == "file_changed"


def test_samples_show_the_first_values_of_each_column(read):
    found = read("Pat-Nr;Nachname;Ort\nM1;Groß;\nM2;Groß;Berlin\nM3;Meyer;Wien\n")

    assert inspection.samples(found.layout) == {0: ["M1", "M2", "M3"], 1: ["Groß", "Meyer"], 2: ["Berlin", "Wien"]}
