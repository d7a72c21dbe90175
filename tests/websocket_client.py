"""A WebSocket client (RFC 6455) of the size tests need, in the standard library."""
import base64
import json
import os
import socket
import struct


class Refused(Exception):
    def __init__(self, status):
        super().__init__(f"status {status}")
        self.status = status


class WebSocket:
    def __init__(self, port, path, origin=None, host=None, timeout=20):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        lines = [f"GET {path} HTTP/1.1", f"Host: {host or f'127.0.0.1:{port}'}", "Upgrade: websocket",
                 "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                 "Sec-WebSocket-Key: " + base64.b64encode(os.urandom(16)).decode()]
        if origin:
            lines.append(f"Origin: {origin}")
        self.socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.socket.recv(1)
            if not piece:
                break
            head += piece
        status = int(head.split()[1])
        if status != 101:
            self.socket.close()
            raise Refused(status)

    def send_frame(self, payload, opcode=1):
        size = len(payload)
        head = bytes([0x80 | opcode])
        if size < 126:
            head += bytes([0x80 | size])
        elif size < 65536:
            head += b"\xfe" + struct.pack(">H", size)
        else:
            head += b"\xff" + struct.pack(">Q", size)
        mask = os.urandom(4)
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(payload)))

    def send(self, **message):
        self.send_frame(json.dumps(message).encode())

    def exactly(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                raise ConnectionError("closed")
            data += piece
        return data

    def receive(self):
        """The next message as JSON; raises ConnectionError when the other side has closed."""
        text = b""
        while True:
            first, second = self.exactly(2)
            size = second & 0x7F
            if size == 126:
                size = struct.unpack(">H", self.exactly(2))[0]
            elif size == 127:
                size = struct.unpack(">Q", self.exactly(8))[0]
            payload = self.exactly(size)
            opcode = first & 0x0F
            if opcode == 8:
                raise ConnectionError("closed")
            if opcode == 9:
                self.send_frame(payload, 10)
                continue
            if opcode == 10:
                continue
            text += payload
            if first & 0x80:
                return json.loads(text)

    def until(self, wanted):
        """Skips messages until one fits."""
        while True:
            message = self.receive()
            if wanted(message):
                return message

    def answer(self, request_id):
        return self.until(lambda message: message.get("id") == request_id)

    def event(self, name):
        return self.until(lambda message: message.get("event") == name)

    def close(self):
        self.socket.close()
