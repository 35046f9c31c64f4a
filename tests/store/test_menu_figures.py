"""What callers do in menus, counted from their ways through them."""

from acd.store.queries.menu_figures import counted


def test_ways_are_counted_by_menu():
    main, below = counted(
        [
            ("zh main:1", False),
            ("en main:!7-2 below:*", False),
            ("zh main:2 below:", True),
            ("zh main:!8!8-", False),
            ("zh main:", True),
            ("zh main:#2 below:1", False),
        ]
    )
    assert (main.menu, main.visits, main.left, main.gave_up, main.silent) == ("main", 6, 1, 1, 2)
    assert main.keys == {"1": 1, "2": 3, "#": 1}
    assert main.wrong == {"7": 1, "8": 2}
    assert (below.visits, below.left, below.gave_up, dict(below.keys)) == (3, 1, 0, {"*": 1, "1": 1})


def test_nothing_and_odd_texts_are_no_figures():
    assert counted([]) == []
    assert counted([("", True), ("zh", False), ("zh :1", False)]) == []
