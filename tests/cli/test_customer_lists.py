"""Lists of customers as spreadsheets save them: every row read, every mistake told with line and column."""

from pathlib import Path

import pytest

from acd.cli.customer_lists import MOST, MOST_BYTES
from acd.csv_lists import BadList, read_list, written_list
from acd.customers.fields import FIELDS, FieldRules
from acd.customers.lists import COLUMNS, MOST_TOLD, customers_of, first_of, row_of
from acd.store.customers.record import Customer
from acd.telephone_numbers import Numbering

RULES = FieldRules(Numbering.of("CN", ("95000",)), ("gold",), ("1001",))
ZHANG = Customer("K-7", "张三", ("+8613800005555", "+861088886666"), "gold", "zh", "B-100", "北京")


def customers(file: Path, data: bytes) -> tuple[list[Customer], list[str]]:
    file.write_bytes(data)
    rows, told = read_list(file, COLUMNS, MOST, MOST_BYTES)
    found, mistakes = customers_of(rows, RULES)
    return found, [*told, *mistakes]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "utf-16"])
@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_a_list_is_read_in_each_form_that_a_spreadsheet_has(tmp_path: Path, encoding: str, between: str):
    rows = [
        ["客户编号", "姓名", "电话", "等级", "语言", "最近订单", "地区"],
        ["K-7", "张三", "138 0000 5555、010-88886666", "gold", "中文", "B-100", "北京"],
    ]
    text = "\r\n".join(between.join(row) for row in rows) + "\r\n"
    assert customers(tmp_path / "list.csv", text.encode(encoding)) == ([ZHANG], [])


def test_a_number_may_begin_with_a_plus_and_no_other_cell_with_what_is_reckoned(tmp_path: Path):
    text = 'id,numbers,area\nK-7,+86 138 0000 5555,+1\nK-8,=1+1,x\nK-9,"+8613800001111;+8613800002222",\n'
    found, mistakes = customers(tmp_path / "list.csv", text.encode())
    assert [one.numbers for one in found] == [("+8613800005555",), (), ("+8613800001111", "+8613800002222")]
    assert [each.partition(":")[0] for each in mistakes] == ["line 2, area", "line 3, numbers"]


def test_each_mistake_is_told_with_line_and_column(tmp_path: Path):
    text = (
        "id,name,numbers,class,do_not_call\n"
        "K-1,a,13800000001,gold,yes\n"
        "K-1,b,13800000002,glod,no\n"
        ",c,13800000003,,\n"
        "K-4,d,1.38E+10,,\n"
        "K-5,e,+86 138 0000 0001,,perhaps\n"
        "a b,f,13800000006,,\n"
    )
    _, mistakes = customers(tmp_path / "list.csv", text.encode())
    assert [each.partition(":")[0] for each in mistakes] == [
        "line 3, class", "line 3, id", "line 4, id", "line 5, numbers", "line 6, do_not_call", "line 6, numbers", "line 7, id",
    ]  # fmt: skip
    assert "is the number of line 2 already" in mistakes[5]


def test_of_very_many_mistakes_the_first_are_told_and_the_others_counted():
    told = first_of([f"line {n}, id: x" for n in range(MOST_TOLD + 7, 0, -1)])
    assert told[0] == "line 1, id: x" and told[-1] == "and 7 more of them" and len(told) == MOST_TOLD + 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id,nmae\nK-1,x\n", 'did you mean "name"'),
        ("name\nx\n", "the column id is missing"),
        ("id,编号\nK-1,K-2\n", "the column id stands twice"),
        ("id\n", "there is nobody in it"),
        ("", "the column id is missing"),
    ],
)
def test_what_is_no_list_of_customers_is_refused(tmp_path: Path, text: str, said: str):
    with pytest.raises(BadList, match=said):
        customers(tmp_path / "list.csv", text.encode())


def test_what_is_written_out_is_read_as_the_same(tmp_path: Path):
    odd = Customer("K-8", 'a,b "c"', ("+8613900002222",), area="x;y", consent="'quoted", do_not_call=True)
    text = written_list(FIELDS, [row_of(one) for one in (ZHANG, odd)])
    found, mistakes = customers(tmp_path / "list.csv", text.encode())
    assert (found, mistakes) == ([ZHANG, odd], [])
