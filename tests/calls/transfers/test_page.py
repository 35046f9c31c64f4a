"""Three agents at their pages: the card is there before the telephone is answered, and nobody sees another's call."""

from dataclasses import replace

from acd.engine.commands import Kind
from tests.calls.support.agent_desk import desk_of
from tests.calls.support.full_system import FullSystem
from tests.calls.support.transfer_checks import WARM, Handed, Leg, checked
from tests.calls.support.transfers import RINGS, for_a_while
from tests.calls.transfers.test_warm import ASKED, BOTH


async def test_a_warm_transfer_from_page_to_page_first_declined_then_taken(system: FullSystem):
    async with (
        system.scene(),
        desk_of(system, "1001") as amys,
        desk_of(system, "1002") as bobs,
        desk_of(system, "1003") as carols,
    ):
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        bob = await system.transfers.phone("1002", RINGS)
        await for_a_while()

        version = (await amys.card(call))["version"]
        writing = {"version": version, "what": "matter", "text": "can't log in to the app"}
        version = (await amys.asks(call, "card", writing))["version"]
        status, said = await amys.refused("POST", f"/api/calls/{call}/card", writing)
        assert (status, said["code"], said["by"]) == (409, "card-changed", "1001")
        assert said["at"]
        for number in (1, 2):
            transfer = {"to": {"agent": "1002"}, "reason": "technical support", "note": f"try {number}", "warm": True}
            await amys.asks(call, "transfer", transfer)
            await bob.rings(number)
            on_bobs = await bobs.shows()
            assert on_bobs["offer"]["kind"] == "consult"
            assert on_bobs["offer"]["from"]["agent"] == "1001"
            assert on_bobs["card"]["matter"] == "can't log in to the app"
            status, said = await carols.refused("GET", f"/api/calls/{call}/card")
            assert (status, said["code"]) == (404, "unknown-call")
            bob.pick_up()
            await system.log.consult_of(call, number)
            assert (await amys.shows())["consult"]["role"] == "first"
            assert (await bobs.shows())["consult"]["role"] == "receiver"
            await for_a_while()
            if number == 1:
                await bobs.asks(call, "transfer/decline", {"reason": "ask again in a minute"})
                await system.comes_to_be("1001", "talking")
                await system.comes_to_be("1002", "idle")
                await for_a_while()
                status, said = await bobs.refused("GET", f"/api/calls/{call}/card")
                assert (status, said["code"]) == (404, "unknown-call")
            else:
                await amys.asks(call, "transfer/complete")
        await system.log.talk_of(call, "1002")
        shows = await bobs.shows()
        assert shows["call"]["call"] == call
        assert [each["note"] for each in shows["card"]["transfers"]] == ["try 1", "try 2"]
        note = {"version": shows["card"]["version"], "what": "note", "text": "password reset"}
        await bobs.asks(call, "card", note)
        await for_a_while()
        await system.transfers.goes(caller, call)

        asked = Handed((), to="1002", receiver="1002", reason="technical support", warm=True, how="page")
        declined = ("asked", "consulting", "declined")
        await checked(
            system,
            call,
            offers=[ASKED[0], *BOTH],
            transfers=[
                replace(asked, states=declined, why="ask again in a minute", returned_to="first agent"),
                replace(asked, states=WARM, receiver="1002"),
            ],
            legs=[Leg("1001", ("consult", "consult")), Leg("1002")],
            writings=2,
        )
        assert [row.detail["by"] for row in system.log.of(Kind.CARD, call)] == ["1001", "1002"]
