"""The configuration in force, and how a new one replaces it while calls go on: as a whole, or not at all.

The order: the new one is checked; what it needs is made (prompts, secrets, Asterisk's files) and Asterisk is told; then it is
saved as a version; and only then the engine is told, by one event. A failure before that leaves everything as it was. A call
that is in a story keeps the menu that it began with.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import structlog

from acd.config import BadConfiguration, Config, NeedsStart, warnings
from acd.config.agents_file import with_agent
from acd.config.diff import Difference, differences
from acd.config.versions import How, Texts, Version, Versions
from acd.daemon.configuration.agent_places import forget_places
from acd.daemon.configuration.menu_files import as_the_operator_has_it, menu_files
from acd.daemon.configuration.operators_files import Rewrite, rewritten, text_of
from acd.errors import SanxiangError
from acd.pbx.conf.render import RELOAD_SIP, reloads, render
from acd.pbx.conf.settings import PbxSettings, Secrets
from acd.pbx.install.runtime import find_pbx
from acd.setup.brand_prompts import speak_brands
from acd.setup.installation import Installation
from acd.setup.pbx_settings import pbx_settings
from acd.setup.prepare import check_prompts_and_menu, write_story_files
from acd.setup.speaking import put_in_place, speaker_of
from acd.setup.spoken_names import as_spoken, speak_labels
from acd.setup.start_plan import StartPlan
from acd.setup.users import process_users, share
from acd.setup.voice_maker import start_maker
from ivr.prompts import TextsError
from ivr.prompts import check as check_prompts
from ivr.voice import VoiceError

log = structlog.get_logger(__name__)


class AsteriskNotTold(SanxiangError):
    """Asterisk could not be told ({why}), so the configuration before stays in force. Try again when `./sanxiang status`
    shows it up."""


class EditedMeanwhile(SanxiangError):
    """{file} says something else than what is in force: somebody has edited it. Reload it, or put it back, then try again."""


class NotWritten(SanxiangError):
    """It could not be written down ({why}), so the configuration before stays in force. Look at the disk and its rights,
    then try again."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a reload has done, or would do."""

    version: Version
    """The version in force afterwards."""
    taken: bool
    differences: list[str]
    warnings: list[str]
    note: str = ""


class ConfigReloader:
    """The configuration in force, and its replacement."""

    def __init__(self, installation: Installation, plan: StartPlan) -> None:
        """The version that was last in force here is in force again. Raises BadConfiguration."""
        self._installation, self._plan = installation, plan
        self.file = Path(plan.config_file)
        self.versions = Versions(installation.versions)
        latest = self.versions.latest()
        texts = self.versions.texts(latest.number) if latest else Texts.read(self.file)
        self.config: Config = texts.checked(self.file)
        self.version = latest or self.versions.take(texts, self.file, "start", "up")
        self.when_changed: Callable[[PbxSettings], None] = lambda settings: None
        """Called after a new configuration has come into force, with the settings of the link to Asterisk."""
        self.when_unplaced: Callable[[str], None] = lambda agent: None
        """Called before Asterisk forgets where an agent's telephone is registered, on purpose."""
        self._placed = set(self.config.agents)
        """The agents whose telephones Asterisk knows."""
        self.take_database: Callable[[Config], Awaitable[str]] = _no_database
        """Called when a reload has gone well: reads the database's address and password again, and says what was different."""
        self.rows_in_use: Callable[[Config, Config], Awaitable[list[str]]] = _no_rows
        """Called with the configuration in force and the new one, before it is taken: what rows of the database need and it lacks, a warning each."""
        self._one_at_a_time = asyncio.Lock()
        self._changed: list[str] = []
        """The files of Asterisk's configuration that the last rendering has changed."""

    def told(self) -> dict[str, Any]:
        """The version in force (number, time, who), and its numbers of queues and agents."""
        return {**asdict(self.version), "queues": len(self.config.queues), "agents": len(self.config.agents)}

    def history(self) -> list[dict[str, Any]]:
        """All versions, the newest first."""
        return [asdict(version) for version in reversed(self.versions.all())]

    async def reload(self, by: str, *, dry_run: bool = False) -> Change:
        """Puts the operator's file in force, and the passwords that stand in files of their own. Raises BadConfiguration,
        NeedsStart, AsteriskNotTold, NotWritten: then nothing has changed.

        `by`: who asked, for the history. `dry_run`: only says what would change.
        """
        async with self._one_at_a_time:
            texts = await asyncio.to_thread(Texts.read, self.file)
            config = texts.checked(self.file)
            said = self._differences(config, texts)
            rows = await self.rows_in_use(self.config, config)
            if dry_run:
                await self._fit(config, config, said)
                return self._change(said, config, taken=False, rows=rows)
            if texts.sum == self.version.sha:
                await self._arrange(config, self.versions.with_menu(config, self.version.number))
                return self._change(said, config, taken=False, note=await self.take_database(config))
            await self._take(texts, config, said, by, "reload")
            return self._change(said, config, taken=True, note=await self.take_database(config), rows=rows)

    async def again(self) -> PbxSettings:
        """Renders the configuration in force anew, and has Asterisk reload what is different: a trunk's name has other addresses. The
        settings of the link come out. Raises AsteriskNotTold, NotWritten, SecretUnreadable."""
        async with self._one_at_a_time:
            return await self._arrange(self.config, self.versions.with_menu(self.config, self.version.number))

    async def ask_asterisk(self, command: str) -> str:
        """What `asterisk -rx` prints for this command. Raises AsteriskNotTold."""
        return await self._tell_asterisk(self._installation.run / "asterisk" / "etc" / "asterisk.conf", command)

    async def back(self, by: str, number: int = 0) -> Change:
        """Puts the version before in force again, or version `number`.

        The operator's files follow, unless they were edited meanwhile. Raises as `reload`, NoSuchVersion, NothingBefore,
        FileNotWritten: then neither files nor what is in force have changed.
        """
        async with self._one_at_a_time:
            goal = self.versions.of(number) if number else self.versions.before(self.version)
            was, texts = self.versions.texts(self.version.number), self.versions.texts(goal.number)
            config = texts.checked(self.file)
            said = self._differences(config, texts)
            if texts.sum == self.version.sha:
                return self._change(said, config, taken=False)
            rows = await self.rows_in_use(self.config, config)
            files, note = await asyncio.to_thread(self._to_put_back, was, texts, self.config.hotline.menu, config)
            async with rewritten(files):
                await self._take(texts, config, said, by, "back", like=goal.like or goal.number)
            database = await self.take_database(config)
            return self._change(said, config, taken=True, note=f"{note} {database}".strip(), rows=rows)

    async def take_menus(self, brand: str, path: Path, text: str, by: str) -> Change:
        """Puts another text of the menus in force, of a brand ("": of the hotline), and writes it to `path`: the file, or the files of the
        folder. Raises BadConfiguration, EditedMeanwhile, AsteriskNotTold, NotWritten, FileNotWritten: then nothing has changed."""
        async with self._one_at_a_time:
            was = self.versions.texts(self.version.number)
            menus = dict(was.brand_menus)
            old = menus[brand] if brand else was.menu
            menus |= {brand: text} if brand else {}
            texts = replace(was, menu=was.menu if brand else text, brand_menus=tuple(sorted(menus.items())))
            config = texts.checked(self.file)
            said = self._differences(config, texts)
            if texts.sum == self.version.sha:
                return self._change(said, config, taken=False)
            rewrites = []
            for file, before, after in menu_files(path, old, text):
                now = await asyncio.to_thread(text_of, file)
                if now not in (before, after):
                    raise EditedMeanwhile(file=file)
                rewrites.append(Rewrite(file, before, after))
            async with rewritten([each for each in rewrites if each.old != each.new]):
                await self._take(texts, config, said, by, "menus")
            return self._change(said, config, taken=True)

    async def add_agent(self, agent: str, name: str, skills: Mapping[str, int]) -> Mapping[str, Any]:
        """The agent's credentials; the agent can register and log in at once.

        Raises ValueError with a sentence about these values, or AsteriskNotTold, NotWritten, FileNotWritten: then the agent
        is neither in force nor in `agents.toml`.
        """

        def added(text: str) -> str:
            if agent in self.config.agents:
                raise ValueError(f"There is an agent {agent} already. Choose another extension.")
            return with_agent(text, agent, name, skills)

        await self.change_agents(added, "agent add", "agent added")
        made = self._installation.secrets()["agents"][agent]
        return {"agent": agent, "password": made["password"], "pin": made["pin"]}

    async def change_agents(self, change: Callable[[str], str], by: str, how: How) -> None:
        """`agents.toml` with this change, in force and on the disk. Raises as `add_agent`, and what `change` raises."""
        async with self._one_at_a_time:
            was = self.versions.texts(self.version.number)
            beside = self.file.parent / "agents.toml"
            on_disk = await asyncio.to_thread(text_of, beside)
            texts, written = replace(was, agents=change(was.agents)), change(on_disk)
            try:
                config = texts.checked(self.file)
                async with rewritten([Rewrite(beside, on_disk, written)]):
                    await self._take(texts, config, self._differences(config, texts), by, how)
            except BadConfiguration as bad:
                raise ValueError(" ".join(bad.mistakes)) from None

    async def check_agents(self, change: Callable[[str], str]) -> None:
        """Whether `agents.toml` could have this change. Raises ValueError with all that is wrong, and what `change` raises."""
        was = self.versions.texts(self.version.number)
        try:
            replace(was, agents=change(was.agents)).checked(self.file)
        except BadConfiguration as bad:
            raise ValueError(" ".join(bad.mistakes)) from None

    async def place_anew(self, agent: str) -> None:
        """Asterisk takes the agent's telephone with its present password alone; where it is registered is forgotten. Its talk
        goes on. Raises AsteriskNotTold, NotWritten."""
        async with self._one_at_a_time:
            rest = {name: profile for name, profile in self.config.agents.items() if name != agent}
            without = self.config.model_copy(update={"agents": rest})
            await self._arrange(without, self.versions.with_menu(without, self.version.number))
            await self._arrange(self.config, self.versions.with_menu(self.config, self.version.number))

    async def reload_sip(self) -> None:
        """Has Asterisk read its SIP configuration and the certificate again; calls go on. Raises AsteriskNotTold."""
        main_file = self._installation.run / "asterisk" / "etc" / "asterisk.conf"
        await self._tell_asterisk(main_file, RELOAD_SIP)

    # --- inside ---

    def _differences(self, config: Config, texts: Texts) -> list[Difference]:
        was = self.versions.texts(self.version.number)
        menus, had = dict(texts.brand_menus), dict(was.brand_menus)
        others = [name for name, text in menus.items() if name in had and text != had[name]]
        return differences(self.config, config, other_menu=texts.menu != was.menu, other_menus_of=others)

    def _change(
        self, said: list[Difference], config: Config, *, taken: bool, note: str = "", rows: Sequence[str] = ()
    ) -> Change:
        told = [*warnings(config), *rows]
        return Change(self.version, taken, [difference.said for difference in said], told, note)

    async def _fit(self, config: Config, with_its_menu: Config, said: list[Difference]) -> None:
        """Checks what only matters while the processes run. Raises NeedsStart or BadConfiguration."""
        if stuck := [difference for difference in said if difference.at_a_start]:
            remedy = "This is taken at a start only: `./sanxiang down`, then `./sanxiang up`; or put it back"
            raise NeedsStart(self.file, [f"{difference.place}: {difference.alone} {remedy}." for difference in stuck])
        if mistakes := await asyncio.to_thread(check_prompts_and_menu, with_its_menu):
            raise BadConfiguration(
                self.file, [as_the_operator_has_it(each, config, with_its_menu) for each in mistakes]
            )

    async def _take(
        self, texts: Texts, config: Config, said: list[Difference], by: str, how: How, like: int = 0
    ) -> None:
        number = await asyncio.to_thread(self.versions.staged, texts)
        with_its_menu = self.versions.with_menu(config, number)
        await self._fit(config, with_its_menu, said)
        settings = await self._arrange(config, with_its_menu)
        try:
            self.version = await asyncio.to_thread(self.versions.take, texts, self.file, by, how, like)
        except OSError as error:
            await self._undo(config)
            raise NotWritten(why=error) from error
        self.config = config
        log.info("another configuration is in force", version=self.version.number, by=by, how=how, changes=len(said))
        await asyncio.to_thread(start_maker, self._installation, config, Path(self._plan.sounds))
        self.when_changed(settings)

    async def _arrange(self, config: Config, with_its_menu: Config) -> PbxSettings:
        """Makes prompts, secrets, Asterisk's files and the stories' settings, and tells Asterisk. Raises AsteriskNotTold or
        NotWritten after everything was put back."""
        self._changed = []
        try:
            return await self._arranged(config, with_its_menu)
        except (SanxiangError, OSError, asyncio.CancelledError) as error:  # Cancelled: the request was closed.
            await self._undo(config)
            if isinstance(error, OSError):
                raise NotWritten(why=error) from error
            raise

    async def _arranged(self, config: Config, with_its_menu: Config) -> PbxSettings:
        for fault in await asyncio.to_thread(self._speak, config, self.config):
            log.warning("a name could not be spoken", why=fault)
        secrets = Secrets.of(self._installation.run / "asterisk")
        # In threads: they wait for the disk, and the event loop must not.
        settings = await asyncio.to_thread(pbx_settings, self._installation, config, self._plan, secrets)
        before = _files(settings.etc)
        try:
            await asyncio.to_thread(render, settings)
            await asyncio.to_thread(self._share)
        finally:
            # Also after a failure in the middle: the undo must reload all that Asterisk may have read.
            after = _files(settings.etc)
            self._changed = [name for name in {*before, *after} if after.get(name) != before.get(name)]
        known, tell = {agent.agent for agent in settings.agents}, partial(self._tell_asterisk, settings.main_file)
        if known - self._placed:
            # What is registered at a place that is nobody's yet would be the newcomer's telephone.
            await forget_places(tell, self._placed)
        for agent in self._placed - known:
            self.when_unplaced(agent)
        for word in reloads(self._changed, settings.hears_info):
            await tell(word)
        if self._placed - known:
            await forget_places(tell, known)
        self._placed = known
        await asyncio.to_thread(write_story_files, self._installation, with_its_menu, self._plan)
        await asyncio.to_thread(self._share)
        return settings

    def _share(self) -> None:
        """Files that were made anew are open again to Asterisk's and the stories' users. Raises SanxiangError, OSError."""
        share(self._installation, process_users(self._plan.users), Path(self._plan.recordings))

    async def _undo(self, refused: Config) -> None:
        """Renders the configuration in force again and tells Asterisk, which may have read half of the refused one.

        What can't be put back is logged. An Asterisk that is down reads the files when it starts.
        """
        try:
            secrets = Secrets.of(self._installation.run / "asterisk")
            settings = await asyncio.to_thread(pbx_settings, self._installation, self.config, self._plan, secrets)
            self._placed = set(self.config.agents)
            await asyncio.to_thread(render, settings)
            await asyncio.to_thread(self._share)
            for word in reloads(self._changed, settings.hears_info):
                await self._tell_asterisk(settings.main_file, word)
            in_force = self.versions.with_menu(self.config, self.version.number)
            await asyncio.to_thread(write_story_files, self._installation, in_force, self._plan)
            await asyncio.to_thread(self._share)
            await asyncio.to_thread(self._speak, self.config, refused)
        except (SanxiangError, OSError) as error:
            log.error("the configuration in force could not be put back everywhere; reload it", why=str(error))

    def _speak(self, config: Config, was: Config) -> list[str]:
        sounds = Path(self._plan.sounds)
        # Somebody, or a disk, may have taken prompts away: a reload brings them back without a start.
        gone = bool(check_prompts(sounds))
        other_voice = was.voice != config.voice
        if as_spoken(was, config) and not config.hotline.prompts and not config.brands and not gone and not other_voice:
            return []
        try:
            espeak = find_pbx(("espeak-ng",)).tool("espeak-ng")
        except SanxiangError as error:
            # A missing whisper is no reason to refuse the configuration.
            return [str(error), *speak_brands(None, config, sounds)]
        if config.hotline.prompts or gone or other_voice or was.hotline.prompts:
            try:
                return put_in_place(config, espeak, sounds)
            except (VoiceError, TextsError) as error:
                return [str(error)]
        voice = speaker_of(config, espeak)
        return speak_labels(voice, config, sounds, was) + speak_brands(voice, config, sounds)

    async def _tell_asterisk(self, main_file: Path, word: str) -> str:
        try:
            process = await asyncio.create_subprocess_exec(
                *self._plan.asterisk, "-C", str(main_file), "-rx", word,
                stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            )  # fmt: skip
        except OSError as error:
            raise AsteriskNotTold(why=error) from None
        try:
            async with asyncio.timeout(10):
                output, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            raise AsteriskNotTold(why=f"no answer to {word!r} within 10 s") from None
        if process.returncode != 0:
            why = output.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"status {process.returncode}"]
            raise AsteriskNotTold(why=why[0])
        return output.decode("utf-8", "replace")

    def _to_put_back(
        self, was: Texts, texts: Texts, was_menu: Path | None, config: Config
    ) -> tuple[list[Rewrite], str]:
        """How the operator's files become those of the version, where they were not edited since; what the operator should
        know of the others. Raises FileNotWritten for one that can't be read."""
        pairs = [(self.file, was.config, texts.config), (self.file.parent / "agents.toml", was.agents, texts.agents)]
        if (menu := config.hotline.menu) is not None and menu == was_menu:
            pairs += menu_files(menu, was.menu, texts.menu)
        pairs += self._of_brands(was, texts, config)
        rewrites, notes = [], []
        for file, old, new in pairs:
            now = text_of(file)
            if now == new:
                continue
            if now != old:
                notes.append(
                    f"{file} was edited meanwhile and is left as it is: mend it before the next reload or start."
                )
            else:
                rewrites.append(Rewrite(file.resolve(), old, new))
        return rewrites, " ".join(notes)

    def _of_brands(self, was: Texts, texts: Texts, config: Config) -> list[tuple[Path, str, str]]:
        """The brands' own files and menus: path, text in force, text of the version. A brand that the configuration in force does
        not have gets its file again; a menu only where it stood at the same path."""
        pairs: list[tuple[Path, str, str]] = []
        for name, brand in config.brands.items():
            now = self.config.brands.get(name)
            before, text = dict(was.brands), dict(texts.brands).get(name)
            if brand.file is not None and text is not None:
                pairs.append((brand.file, before.get(name, "") if now and now.file == brand.file else "", text))
            had, menu = dict(was.brand_menus).get(name), dict(texts.brand_menus).get(name)
            if brand.menu is not None and now and now.menu == brand.menu and had is not None and menu is not None:
                pairs += menu_files(brand.menu, had, menu)
        return pairs


async def _no_database(config: Config) -> str:
    return ""


async def _no_rows(was: Config, config: Config) -> list[str]:
    return []


def _files(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in folder.glob("*.conf")}
