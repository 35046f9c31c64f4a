"""What an answer says, whatever it is: a workbook is a packed one."""

import io
import zipfile

import aiohttp


async def text_of(answer: aiohttp.ClientResponse) -> str:
    """The answer's text; of a workbook that of its sheets."""
    body = await answer.read()
    if not body.startswith(b"PK"):
        return body.decode()
    with zipfile.ZipFile(io.BytesIO(body)) as book:
        return "\n".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
