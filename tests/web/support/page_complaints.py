"""What a page complains of on the browser's console: a fault of the story that shows it."""

from playwright.async_api import ConsoleMessage, Page


def hear_complaints(page: Page, complaints: list[str]) -> None:
    """From now on each error and warning of this page is added to `complaints`."""

    def complained(message: ConsoleMessage) -> None:
        # A refusal (401 before the log-in) is a line of the browser's own, and no fault of the page.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            complaints.append(message.text)

    page.on("console", complained)
    page.on("pageerror", lambda error: complaints.append(str(error)))
