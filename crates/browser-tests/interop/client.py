"""A conversation of Python's websockets with /chat and /echo of the server at argv[1]."""

import asyncio
import json
import sys

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus


async def main(host: str) -> None:
    async with connect(f"ws://{host}/chat", subprotocols=["chat"]) as chat:
        assert chat.subprotocol == "chat", chat.subprotocol
        assert "welcome" in json.loads(await chat.recv())
        assert json.loads(await chat.recv())["seq"] >= 1
        await chat.send(["{\"say\":", "\"in ", "parts\"}"])  # one message, three frames
        while "said" not in (message := json.loads(await chat.recv())):
            pass
        assert message["said"]["text"] == "in parts", message
        await (await chat.ping(b"there?"))

    async with connect(f"ws://{host}/echo", compression="deflate") as echo:
        assert echo.response.headers.get("Sec-WebSocket-Extensions") is None
        for message in ["", "grüß", b"", bytes(range(256)), "x" * (1 << 20)]:
            await echo.send(message)
            assert await echo.recv() == message, len(message)
        await echo.send(b"x" * ((1 << 20) + 1))
        try:
            await echo.recv()
            raise AssertionError("a message that is too big was taken")
        except ConnectionClosed as closed:
            assert closed.rcvd.code == 1009, closed

    try:
        async with connect(f"ws://{host}/chat", origin="http://evil.example"):
            raise AssertionError("a page of another origin was let in")
    except InvalidStatus as refused:
        assert refused.response.status_code == 403, refused

    print("all is well")


asyncio.run(main(sys.argv[1]))
