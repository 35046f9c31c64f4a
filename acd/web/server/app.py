"""One aiohttp application around a WebContext. Start it with `web.AppRunner(create_app(context))`.

What holds for every answer stands here: the order of the middlewares, the headers, the limit of a body.
"""

import asyncio
import logging

from aiohttp import web

from acd.web.access import auth, log_in
from acd.web.api import (
    accounts,
    agent_changes,
    agent_day,
    agent_figures,
    agent_import,
    agents,
    alarms,
    call_lists,
    calls,
    capacity,
    cards,
    chosen_agents,
    config,
    erasure,
    explain,
    fault_stories,
    faults,
    findings,
    hours,
    ivr,
    kpi,
    lines,
    listening,
    menus,
    oidc_log_in,
    own_day,
    own_sign_in,
    passkey_log_in,
    queued_calls,
    queues,
    recording_files,
    recording_keeping,
    recordings,
    reports,
    self_calls,
    self_service,
    transfer_targets,
    transfers,
)
from acd.web.api.callbacks import callbacks
from acd.web.api.contacts import manifest
from acd.web.api.files import Checksums
from acd.web.api.retention import retention
from acd.web.api.reviews import given_reviews, own_reviews, review_draw, review_work
from acd.web.api.supervision import agent_queues, breaks, messages, missed, own
from acd.web.api.surveys import survey_answers, survey_figures, survey_questions
from acd.web.customers import customer_lists, customers
from acd.web.live import agent_desk_stream, floor_stream, state, stream
from acd.web.live.acts import ACTS, Acts
from acd.web.live.agent_desk_state import Desks
from acd.web.live.drafts import Drafts
from acd.web.live.hub import running
from acd.web.live.listening_audit import LISTENING_AUDIT, ListeningAudit
from acd.web.server import api_document, health, page, problems
from acd.web.server.context import WebContext
from acd.web.server.engine_gateway import ENGINE_GATEWAY, EngineGateway
from acd.web.server.exports import AT_ONCE, EXPORTS
from acd.web.server.log_limit import NOT_HTTP, LogLimit
from acd.web.server.routes import CONTEXT, Route, served

BODY_LIMIT = 1_000_000
ROUTES: list[Route] = [
    route
    for part in (
        *(
            page,
            health,
            api_document,
            log_in,
            state,
            floor_stream,
            queues,
            agents,
            chosen_agents,
            agent_figures,
            agent_import,
            agent_changes,
            agent_day,
            alarms,
            hours,
            faults,
            findings,
            call_lists,
            calls,
            explain,
            queued_calls,
            listening,
        ),
        *(agent_desk_stream, own_day, transfers, transfer_targets, cards, customer_lists, customers, callbacks),
        *(recordings, recording_files, recording_keeping, manifest, retention, erasure),
        *(review_draw, review_work, given_reviews, own_reviews),
        *(lines, kpi, menus, reports, config, self_calls, capacity),
        *(ivr, self_service, survey_questions, survey_answers, survey_figures, fault_stories, accounts),
        *(messages, breaks, agent_queues, own, missed),
        *(passkey_log_in, oidc_log_in, own_sign_in),
    )
    for route in part.ROUTES
]

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'{nonce}; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self' blob:; media-src 'self' blob:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def create_app(context: WebContext) -> web.Application:
    """The application; its live streams end when it shuts down."""
    app = web.Application(
        middlewares=[health.count, problems.middleware, auth.limit_source], client_max_size=BODY_LIMIT
    )
    app[CONTEXT] = context
    app[problems.LOG_LIMIT] = LogLimit()
    logging.getLogger("aiohttp.server").addFilter(NOT_HTTP)
    app[auth.DOOR] = auth.Door(context)
    app[floor_stream.LIVE] = floor_stream.Live(context)
    app[stream.OPEN_STREAMS] = stream.OpenStreams()
    app[ENGINE_GATEWAY] = EngineGateway(context)
    app[ACTS] = Acts()
    app[agent_figures.FIGURES] = agent_figures.FiguresOfToday(context)
    app[LISTENING_AUDIT] = ListeningAudit(context, app[auth.DOOR].audit.note)
    app[agent_desk_stream.DESKS] = Desks(context)
    app[agent_desk_stream.STREAMS] = agent_desk_stream.Streams(context, app[agent_desk_stream.DESKS])
    app[own_day.QUEUES] = own_day.QueueRows()
    app[cards.DRAFTS] = Drafts(context.state_folder / "drafts.json", context.now)
    app[health.METRICS] = health.Metrics(context, app[floor_stream.LIVE])
    app[recordings.CHECKSUMS] = Checksums()
    self_service.set_up(app, context.now)
    survey_answers.set_up(app, context.now)
    app[explain.TURN] = asyncio.Semaphore(1)
    app[EXPORTS] = asyncio.Semaphore(AT_ONCE)
    app[api_document.DOCUMENT] = api_document.ApiDocument(ROUTES)
    for route in ROUTES:
        if route.method == "GET":
            streams = route.content == "text/event-stream"
            app.router.add_get(route.path, served(route), allow_head=not streams)
        else:
            app.router.add_post(route.path, served(route))
    app.cleanup_ctx.append(running(app[floor_stream.LIVE], "live stream"))
    app.cleanup_ctx.append(running(app[agent_desk_stream.STREAMS], "desk streams"))
    app.cleanup_ctx.append(running(app[auth.DOOR].sessions, "sessions on the disk"))
    app.on_shutdown.append(_close_live)
    app.on_response_prepare.append(_sign)
    return app


async def _close_live(app: web.Application) -> None:
    app[floor_stream.LIVE].close()
    app[agent_desk_stream.STREAMS].close()
    app[ENGINE_GATEWAY].close()
    app[LISTENING_AUDIT].close()


async def _sign(request: web.Request, response: web.StreamResponse) -> None:
    """Puts the security headers on every answer, streams and refusals among them."""
    nonce = response.headers.popall("X-Nonce", [""])[0]
    response.headers.update(_HEADERS)
    response.headers["Content-Security-Policy"] = _POLICY.format(nonce=f" 'nonce-{nonce}'" if nonce else "")
    response.headers.popall("Server", None)
    if request.app[auth.DOOR].secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
