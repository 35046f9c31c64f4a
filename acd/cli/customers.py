"""`sanxiang customer …`: who the customers are. One by one through the daemon; lists go straight into PostgreSQL, all or nothing."""

from typing import Annotated, Any

import typer

from acd.cli.common import AsJson, State, counted, installation_at, print_json, say, show_table
from acd.cli.people import DryRun, ExportFile, ListFile, _export
from acd.cli.times import clock_of
from acd.customers.fields import FIELDS
from acd.processes import api_client

customer_app = typer.Typer(
    help="Customers: list, show, add, edit, remove, erase, import, export.", no_args_is_help=True
)
ERASE_WITHIN_S = 30.0
Id = Annotated[str, typer.Argument(help="The customer's id.", show_default=False)]
Name = Annotated[str | None, typer.Option(help="Name of the person or company.", show_default=False)]
Numbers = Annotated[
    list[str] | None,
    typer.Option("--number", help="A telephone number, once for each: all that the customer has.", show_default=False),
]
Class = Annotated[str | None, typer.Option("--class", help='A class of [classes]; "" for none.', show_default=False)]
Spoken = Annotated[
    str | None, typer.Option("--speaks", help='zh or en; "" where the caller chooses.', show_default=False)
]
LastOrder = Annotated[str | None, typer.Option("--last-order", help="The customer's last order.", show_default=False)]
Area = Annotated[str | None, typer.Option(help="Where the customer lives or is served.", show_default=False)]
DoNotCall = Annotated[
    bool | None,
    typer.Option("--do-not-call/--may-call", help="Whether no call goes out to the customer.", show_default=False),
]
Consent = Annotated[str | None, typer.Option(help="What the customer has agreed to, when and how.", show_default=False)]
Ticket = Annotated[
    str | None, typer.Option("--complaint", help='Ticket of an open complaint; "" for none.', show_default=False)
]
Owner = Annotated[
    str | None, typer.Option("--complaint-owner", help="The agent who has that complaint.", show_default=False)
]
Brands = Annotated[
    list[str] | None,
    typer.Option(
        "--brand",
        help="A brand of [brands], once for each: whose customer it is; '' for the whole hotline's.",
        show_default=False,
    ),
]


@customer_app.command("list")
def customer_list(
    search: Annotated[
        str, typer.Argument(help="An id, a part of a name, a whole number, or the last four digits of one.")
    ] = "",
    customer_class: Annotated[str, typer.Option("--class", help="Only those of this class.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    after: Annotated[str, typer.Option(help="Go on behind the customer of this id.")] = "",
    state: State = None,  # type: ignore[assignment]
    as_json: AsJson = False,
) -> None:
    """Customers in the order of their ids; numbers are masked."""
    query: dict[str, Any] = {"search": search, "class": customer_class, "limit": limit, "after": after}
    said = api_client.ask(installation_at(state), "GET", "/api/customers", **query)
    if as_json:
        print_json(said)
        return
    if not said["customers"]:
        say("No customer matches." if search or customer_class else "There is no customer yet.")
        return
    rows = [
        {**one, "numbers": " ".join(one["numbers"]), "do_not_call": "yes" if one["do_not_call"] else ""}
        for one in said["customers"]
    ]
    columns = {"id": "CUSTOMER", "name": "NAME", "numbers": "NUMBERS", "class": "CLASS", "area": "AREA"}
    show_table(rows, columns | {"last_order": "LAST ORDER", "do_not_call": "DO NOT CALL"})
    if said["after"]:
        say(f"There are more: --after {said['after']}")


@customer_app.command("show")
def customer_show(customer: Id, state: State = None, as_json: AsJson = False) -> None:  # type: ignore[assignment]
    """One customer's record, numbers whole. Who reads it stands in the audit log."""
    house = installation_at(state)
    said = api_client.ask(house, "GET", api_client.path("api", "customers", customer))
    if as_json:
        print_json(said)
        return
    clock = clock_of(house)
    lists = {name: " ".join(said[name]) for name in ("numbers", "brands")}
    told = {**said, **lists, "do_not_call": "yes" if said["do_not_call"] else "no"}
    for field in FIELDS:
        if told[field]:
            typer.echo(f"{field:18}{told[field]}")
    typer.echo(f"{'updated':18}{clock.at(said['updated_at'])} {said['updated_by']}")


@customer_app.command("add")
def customer_add(
    customer: Annotated[str, typer.Argument(help="The company's own id; left out, one is made.")] = "",
    name: Name = None,
    number: Numbers = None,
    customer_class: Class = None,
    speaks: Spoken = None,
    last_order: LastOrder = None,
    area: Area = None,
    do_not_call: DoNotCall = None,
    consent: Consent = None,
    complaint: Ticket = None,
    complaint_owner: Owner = None,
    brand: Brands = None,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Add a customer; prints the id."""
    body = _body(
        id=customer or None, name=name, numbers=number, language=speaks, last_order=last_order, area=area,
        do_not_call=do_not_call, consent=consent, complaint_ticket=complaint, complaint_owner=complaint_owner,
        brands=_without_blank(brand),
    )  # fmt: skip
    body |= _body(**{"class": customer_class})
    said = api_client.ask(installation_at(state), "POST", "/api/customers", body)
    say(f"{said['id']}: added")


@customer_app.command("edit")
def customer_edit(
    customer: Id,
    name: Name = None,
    number: Numbers = None,
    customer_class: Class = None,
    speaks: Spoken = None,
    last_order: LastOrder = None,
    area: Area = None,
    do_not_call: DoNotCall = None,
    consent: Consent = None,
    complaint: Ticket = None,
    complaint_owner: Owner = None,
    brand: Brands = None,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Change what is named of a customer's record; the rest stays."""
    body = _body(
        name=name, numbers=number, language=speaks, last_order=last_order, area=area, do_not_call=do_not_call,
        consent=consent, complaint_ticket=complaint, complaint_owner=complaint_owner,
        brands=_without_blank(brand),
    )  # fmt: skip
    body |= _body(**{"class": customer_class})
    if not body:
        raise typer.BadParameter(f"say what becomes another: `sanxiang customer edit {customer} --class gold`")
    api_client.ask(installation_at(state), "POST", api_client.path("api", "customers", customer), body)
    say(f"{customer}: changed")


@customer_app.command("remove")
def customer_remove(customer: Id, state: State = None) -> None:  # type: ignore[assignment]
    """Remove a customer's record. Calls and cards keep what they hold of the person: `erase` takes that away too."""
    api_client.ask(installation_at(state), "POST", api_client.path("api", "customers", customer, "remove"))
    say(f"{customer}: removed")


@customer_app.command("erase")
def customer_erase(
    customer: Id,
    calls: Annotated[
        bool, typer.Option("--calls", help="Also the numbers, cards and notes of the customer's calls.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Forget a customer for good: the record, and the person's name on calls and cards. Figures stay."""
    house = installation_at(state)
    if not yes:
        typer.confirm(f"Forget customer {customer} for good?", abort=True)
    path = api_client.path("api", "customers", customer, "erase")
    said = api_client.ask(house, "POST", path, {"calls": calls}, ERASE_WITHIN_S)
    say(f"{customer}: forgotten, with {counted(said['calls'], 'call')}")
    if said["recordings"]:
        say(f"{counted(said['recordings'], 'recording')} of these calls are still there: docs/personal-data.md")


@customer_app.command("import")
def customer_import(
    file: ListFile,
    dry_run: DryRun = False,
    state: State = None,  # type: ignore[assignment]
) -> None:
    """Add the customers of a list, and change those whose id is known, in the list's columns alone. All of them or none."""
    from acd.cli.customer_lists import taken_in  # the database's library takes its time to come in

    done = taken_in(installation_at(state), file, dry_run=dry_run)
    added = counted(done.added, "customer")
    if dry_run:
        say(f"{added} would be added, {done.changed} changed, {done.unchanged} as before")
    else:
        say(f"{added} added, {done.changed} changed, {done.unchanged} as before")


@customer_app.command("export")
def customer_export(file: ExportFile = None, state: State = None) -> None:  # type: ignore[assignment]
    """Write all customers as a list that `import` takes, numbers whole. It stands in the audit log."""
    from acd.cli.customer_lists import all_rows

    _export(file, FIELDS, all_rows(installation_at(state)))


def _without_blank(brands: list[str] | None) -> list[str] | None:
    return None if brands is None else [brand for brand in brands if brand]


def _body(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
