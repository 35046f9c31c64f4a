"""The pages and the HTTP interface: who may see what, live and afterwards. One file per noun.

`create_app(context)` in `server/app.py` makes the application; `server/context.py` says what it needs of the daemon. A route
is a row in one table (`server/routes.py`): method, path, roles, and the pydantic models that check what comes in and shape what goes out;
the OpenAPI document is drawn from the same rows. Nothing here decides about calls: a button becomes an event.
"""
