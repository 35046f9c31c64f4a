"""The pages and the HTTP interface: who may see what, live and afterwards.

    server/    what carries every route: application, routes, problems, OpenAPI, health, the built page
    access/    log-in, sessions, accounts, tokens, limits, the audit log; which call an agent may see
    live/      the streams of floor and desk, their states, drafts
    api/       one file per noun
    console/   the page's sources (Vue)

`create_app(context)` in `server/app.py` makes the application; `server/context.py` says what it needs of the daemon. A route
is a row in one table (`server/routes.py`): method, path, roles, and the pydantic models that check what comes in and shape what goes out;
the OpenAPI document is drawn from the same rows. Nothing here decides about calls: a button becomes an event.
"""
