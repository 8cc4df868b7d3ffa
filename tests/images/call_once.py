"""A Runtime API of Lambda that makes one call.

    python call_once.py --event FILE

Listens on 127.0.0.1 and prints the port; gives the function that polls there the event in FILE; prints what it answers
on one line, `response` or `error` and the JSON, and ends. The function's next poll finds nobody.
"""

import argparse
import http.server
import os
import sys
import threading
import time

ARGUMENTS = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ARGUMENTS.add_argument("--event", required=True)
NEXT = "/2018-06-01/runtime/invocation/next"
CALL = "00000000-0000-4000-8000-000000000001"
LONGEST_S = 300


class Call(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    answered = threading.Event()
    event = b""

    def log_message(self, *_):
        """The answer is all that is printed."""

    def do_GET(self):
        if self.path != NEXT or self.answered.is_set():
            self.close_connection = True
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(self.event)))
        self.send_header("Lambda-Runtime-Aws-Request-Id", CALL)
        self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + LONGEST_S) * 1000)))
        self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:123456789012:function:stage")
        self.end_headers()
        self.wfile.write(self.event)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()
        print(self.path.rsplit("/", 1)[-1], body, flush=True)
        self.answered.set()


def main():
    with open(ARGUMENTS.parse_args().event, "rb") as file:
        Call.event = file.read()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Call) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        if not Call.answered.wait(LONGEST_S):
            sys.exit(f"call_once: no answer within {LONGEST_S} s")
    # Without waiting for connections that the function keeps open.
    os._exit(0)


if __name__ == "__main__":
    main()
