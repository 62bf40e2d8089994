"""Headers that every answer over HTTP carries, whatever made it."""

from starlette.types import Message, Send

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)

API_HEADERS = (
    *_ALWAYS,
    (b"cache-control", b"no-store"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
)
"""For answers of the API: nothing is kept, nothing in them may run."""

PAGE_HEADERS = (
    *_ALWAYS,
    (b"cache-control", b"no-cache"),
    (
        b"content-security-policy",
        b"default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
)
"""For pages: what they load comes from here. A page that sets one of these itself keeps its own."""

Header = tuple[bytes, bytes]


def adding(send: Send, headers: tuple[Header, ...]) -> Send:
    """``send``, with those of the headers that an answer does not set itself."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            there = list(message.get("headers", ()))
            names = {name.lower() for name, _ in there}
            message["headers"] = [*there, *(one for one in headers if one[0] not in names)]
        await send(message)

    return sent
