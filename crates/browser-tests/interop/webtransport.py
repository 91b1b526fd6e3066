"""The three sessions of the server whose page is at argv[1], by aioquic. Where samples are
expected, a line asks the test to publish five."""

import asyncio
import hashlib
import json
import ssl
import sys
from urllib.request import urlopen

from aioquic.asyncio.client import connect
from aioquic.asyncio.protocol import QuicConnectionProtocol
from aioquic.h3.connection import H3Connection
from aioquic.h3.events import DatagramReceived, HeadersReceived, WebTransportStreamDataReceived
from aioquic.quic.configuration import QuicConfiguration
from aioquic.quic.events import StreamDataReceived
from cryptography.hazmat.primitives.serialization import Encoding

TIMEOUT = 10  # seconds


class Session(QuicConnectionProtocol):
    def __init__(self, *args, **named) -> None:
        super().__init__(*args, **named)
        self.http = H3Connection(self._quic, enable_webtransport=True)
        self.happened = asyncio.Queue()
        self.lines = {}  # of each stream: what came and is no whole line yet
        self.own = set()  # streams that we opened: aioquic reads only the server's

    def quic_event_received(self, event) -> None:
        if isinstance(event, StreamDataReceived) and event.stream_id in self.own:
            self.happened.put_nowait(event)
            return
        for came in self.http.handle_event(event):
            self.happened.put_nowait(came)

    async def open(self, host: str, path: str) -> int:
        """Asks for a session. Returns the status."""
        self.id = self._quic.get_next_available_stream_id()
        head = {":method": "CONNECT", ":protocol": "webtransport", ":scheme": "https",
                ":authority": host, ":path": path}
        self.http.send_headers(self.id, [(k.encode(), v.encode()) for k, v in head.items()])
        self.transmit()
        while not isinstance(came := await self.happened.get(), HeadersReceived):
            pass
        return int(dict(came.headers)[b":status"])

    async def messages(self):
        """What the server says: by which way, a stream or None, and the message."""
        while True:
            came = await asyncio.wait_for(self.happened.get(), TIMEOUT)
            if isinstance(came, DatagramReceived):
                yield None, json.loads(came.data)
            elif isinstance(came, (StreamDataReceived, WebTransportStreamDataReceived)):
                text = self.lines.get(came.stream_id, b"") + came.data
                *whole, self.lines[came.stream_id] = text.split(b"\n")
                for line in whole:
                    yield came.stream_id, json.loads(line)

    def say(self, message: bytes, on_stream: bool) -> None:
        if on_stream:
            stream = self.http.create_webtransport_stream(self.id)
            self.own.add(stream)
            self._quic.send_stream_data(stream, message + b"\n")
        else:
            self.http.send_datagram(self.id, message)
        self.transmit()


async def lane(page: str, path: str, farewell: bool = False) -> None:
    with urlopen(f"http://{page}/hash", timeout=TIMEOUT) as answer:
        said = json.load(answer)
    trusted = QuicConfiguration(is_client=True, alpn_protocols=["h3"],
                                max_datagram_frame_size=65536, verify_mode=ssl.CERT_NONE)
    async with connect("127.0.0.1", said["port"], configuration=trusted,
                       create_protocol=Session) as session:
        certificate = session._quic.tls._peer_certificate.public_bytes(Encoding.DER)
        assert list(hashlib.sha256(certificate).digest()) == said["hash"]
        host = f"127.0.0.1:{said['port']}"
        status = await session.open(host, path)
        if path == "/other":
            assert status == 404, status
            return
        assert status == 200, status
        messages = session.messages()
        first, message = await anext(messages)
        assert first is not None and "seq" in message, "the first is on a stream"
        print("publish", flush=True)
        ways = [way for way, message in [await anext(messages) for _ in range(5)]
                if "seq" in message]
        expected = {"/datagrams": [None] * 5, "/stream": [first] * 5}.get(path)
        if expected:
            assert ways == expected, ways
        else:
            assert None not in ways and len({first, *ways}) == 6, ways
        for on_stream in (False, True):
            session.say(b'{"message":7}', on_stream)
            way, message = await anext(messages)
            assert message == {"received": 7}, message
            assert (way is not None) == on_stream, way
        if farewell:
            print("end", flush=True)
            way, message = await anext(messages)
            assert message == {"bye": "shutdown"} and way is not None, message


async def main(page: str) -> None:
    for path in ["/other", "/datagrams", "/streams"]:
        await lane(page, path)
    await lane(page, "/stream", farewell=True)
    print("all is well", flush=True)


asyncio.run(main(sys.argv[1]))
