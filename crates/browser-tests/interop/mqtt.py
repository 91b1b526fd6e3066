"""A conversation of Python's paho-mqtt with the broker at argv[1]: HOST:PORT, path /mqtt."""

import queue
import sys

import paho.mqtt.client as paho

HOST, PORT = sys.argv[1].split(":")


class Client:
    """A client whose callbacks put what happened into a queue."""

    def __init__(self, name: str, will: str | None = None, clean: bool = True) -> None:
        self.seen: queue.Queue = queue.Queue()
        version = paho.CallbackAPIVersion.VERSION2
        self.paho = paho.Client(
            version, name, clean_session=clean, transport="websockets", reconnect_on_failure=False
        )
        self.paho.ws_set_options(path="/mqtt")
        if will:
            self.paho.will_set(will, "fell off", qos=0, retain=True)
        put = self.seen.put
        self.paho.on_connect = lambda c, u, flags, code, p: put(("connected", flags.session_present, str(code)))
        self.paho.on_message = lambda c, u, m: put((m.topic, m.payload.decode(), m.retain))
        self.paho.on_subscribe = lambda c, u, mid, codes, p: put(("subscribed", [not code.is_failure for code in codes]))
        self.paho.on_unsubscribe = lambda c, u, mid, codes, p: put(("unsubscribed",))
        self.paho.on_disconnect = lambda c, u, flags, code, p: put(("disconnected",))
        self.paho.connect(HOST, int(PORT))
        self.paho.loop_start()

    def next(self, *expected: object) -> None:
        seen = self.seen.get(timeout=10)
        assert seen == expected, f"{seen}, expected {expected}"

    def subscribe(self, *filters: str) -> None:
        self.paho.subscribe([(one, 1) for one in filters])
        self.next("subscribed", [True] * len(filters))

    def publish(self, topic: str, text: str, retain: bool = False) -> None:
        self.paho.publish(topic, text, qos=1, retain=retain).wait_for_publish(10)

    def end(self) -> None:
        self.paho.disconnect()
        self.next("disconnected")
        self.paho.loop_stop()


desk = Client("desk")
desk.next("connected", False, "Success")
desk.subscribe("paho/+", "paho/+/says")

# Retained, for those that are here and for those that come later.
ada = Client("ada", will="paho/ada")
ada.next("connected", False, "Success")
ada.publish("paho/ada", "grüß", retain=True)
desk.next("paho/ada", "grüß", False)
ada.publish("paho/ada/says", "x" * 16_000)
desk.next("paho/ada/says", "x" * 16_000, False)
late = Client("late")
late.next("connected", False, "Success")
late.paho.subscribe("paho/#")
# A broker may send what is retained before SUBACK.
first_two = {late.seen.get(timeout=10)[0] for _ in range(2)}
assert first_two == {"subscribed", "paho/ada"}, first_two

# Its connection is cut, and its will says so.
ada.paho.loop_stop()
ada.paho.socket()._socket.close()
desk.next("paho/ada", "fell off", False)
late.next("paho/ada", "fell off", False)

# After UNSUBSCRIBE only one of the two has it; an empty message takes the retained one back.
late.paho.unsubscribe("paho/#")
late.next("unsubscribed")
desk.publish("paho/ada", "", retain=True)
desk.next("paho/ada", "", False)
late.subscribe("paho/#")
assert late.seen.empty()
late.end()

# A session outlives its connection.
lasting = Client("paho-lasting", clean=False)
lasting.next("connected", False, "Success")
lasting.subscribe("paho/lasting")
lasting.end()
lasting = Client("paho-lasting", clean=False)
lasting.next("connected", True, "Success")
desk.publish("paho/lasting", "again")
lasting.next("paho/lasting", "again", False)
desk.next("paho/lasting", "again", False)
lasting.end()
desk.end()
print("all is well")
