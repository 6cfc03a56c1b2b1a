import pytest

from mobilenet_tf.terminal import (
    columns_of,
    end_of,
    printable,
    shortened,
    shortened_list,
    table,
    width_of,
    without_controls,
    wrapped,
)
from tests.support.terminal import run_on_terminal, screen_after

HEADER = ["model", "threads", "p50 ms", "size MB", "top-1", "XNNPACK"]
ROWS = [
    ["mobilenet_v1_a0.50_r160_float32", "1", "0.76", "3.29", "87.8%", "whole"],
    ["effnet_a2.00_r32_int8", "4", "10.09", "0.51", "83.0%", "part"],
]


def test_a_table_that_fits_has_a_line_for_each_row():
    lines = table(HEADER, ROWS, columns=80).splitlines()
    assert len(lines) == 4
    assert lines[2].split() == ROWS[0]
    assert {len(line) for line in lines} == {len(lines[1])}


def test_a_table_is_as_wide_as_it_is_if_it_goes_to_a_file():
    assert table(["name"], [["x" * 500]]).splitlines()[-1] == "x" * 500


@pytest.mark.parametrize(("said", "lines"), [("60", 8), ("400", 4), ("", 4), ("0", 4), ("wide", 4)])
def test_a_table_that_goes_to_a_file_fits_what_the_environment_says(monkeypatch, said, lines):
    monkeypatch.setenv("COLUMNS", said)
    assert len(table(HEADER, ROWS).splitlines()) == lines


@pytest.mark.parametrize("columns", [60, 40, 20])
def test_a_table_that_is_too_wide_keeps_every_figure(columns):
    lines = table(HEADER, ROWS, columns=columns).splitlines()
    assert max(map(len, lines)) <= columns
    figures = " ".join(lines).split()
    assert all(cell in figures for row in ROWS for cell in row[1:])
    assert [line.split() for line in lines if line.startswith("mobilenet")] == [[shortened(ROWS[0][0], columns)]]


def test_the_second_lines_of_a_table_are_aligned_under_their_header():
    lines = table(HEADER, ROWS, columns=60).splitlines()
    ends = [[line.index(cell) + len(cell) for cell in line.split("  ") if cell] for line in (lines[1], lines[5])]
    assert lines[1].split("  ")[1].strip() == "threads"
    assert lines[1].endswith("XNNPACK")
    assert lines[5].endswith("  whole")
    assert len(lines[1]) == len(lines[5])
    assert ends[0][-1] == ends[1][-1]


def test_a_table_of_wide_letters_is_aligned():
    lines = table(["class", "photos"], [["犬", "7"], ["cafe\u0301", "12"], ["a\nb", "3"]]).splitlines()
    assert [width_of(line) for line in lines] == [len("class  photos")] * 5
    assert lines[4].startswith("a\\nb ")


@pytest.mark.parametrize(
    ("text", "columns", "expected"), [("abcdefghij", 10, "abcdefghij"), ("abcdefghij", 9, "abc...hij")]
)
def test_a_name_loses_its_middle(text, columns, expected):
    assert shortened(text, columns) == expected


@pytest.mark.parametrize("columns", range(1, 30))
@pytest.mark.parametrize("text", ["mobilenet_v1_a0.50_r160_int8.tflite", "犬と猫の写真のフォルダの名前がとても長い"])
def test_a_shortened_name_fits(text, columns):
    assert width_of(shortened(text, columns)) <= columns
    assert width_of(end_of(text, columns)) <= columns


def test_a_shortened_list_names_the_first_and_counts_the_others():
    assert shortened_list(["a", "b", "c"], 3) == "a, b, c"
    assert shortened_list(["a", "b", "c"], 1) == "a and 2 more"
    assert shortened_list(list("abcdefgh")) == "a, b, c, d, e and 3 more"
    assert shortened_list([]) == ""


def test_control_characters_and_bytes_that_are_not_text_are_escaped():
    assert printable("a\tb\x1b[2J \udce9é犬\r\n") == r"a\tb\x1b[2J \xe9é犬\r\n"


def test_only_a_terminal_has_columns(tmp_path):
    with (tmp_path / "file").open("w") as file:
        assert columns_of(file) is None
    assert columns_of(None) is None


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_the_layers_of_a_network_fit_the_terminal(columns):
    done = run_on_terminal("mobilenet-info", "--arch", "shufflenet_v1_g8", columns=columns)
    assert done.exit_status == 0
    assert len(done.screen) == len(done.text.split("\n"))  # no line was so long that it wrapped


def test_the_screen_of_the_tests_wraps_as_a_terminal_does():
    assert screen_after("abcd\rx\nabcde", 4) == ["xbcd", "abcd", "e"]
    assert screen_after("abc\r\x1b[Kx\x1b[?25h", 4) == ["x"]


def test_what_a_terminal_obeys_is_shown():
    assert without_controls("a\x1b[2J\r\nb\tc\x9b\u202e\u2028é犬👩\u200d🚀") == (
        "a\\x1b[2J\\r\nb\tc\\u009b\\u202e\\u2028é犬👩\u200d🚀"
    )
    assert wrapped("a\x1b[2J") == "a\\x1b[2J"
