"""How long a Lambda binary takes from the start of its process to its first poll for work.

    python cold_start.py BINARY [--starts 20] [--target-ms 50]

Starts BINARY against a Runtime API that only listens: what is timed ends where the request
`GET /2018-06-01/runtime/invocation/next` has arrived. Prints the median and the worst. Fails where the median is not
under the target, or where a binary never polls. (The median: one slow start on a busy machine is no slow binary.)
"""

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time

POLL = b"GET /2018-06-01/runtime/invocation/next "
LONGEST_S = 20

ARGUMENTS = argparse.ArgumentParser(description=__doc__.splitlines()[0])
ARGUMENTS.add_argument("binary")
ARGUMENTS.add_argument("--starts", type=int, default=20)
ARGUMENTS.add_argument("--target-ms", type=float, default=50.0)


def environment(port):
    """What Lambda sets for a function, and what the template sets for ours."""
    return {
        "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{port}",
        "AWS_LAMBDA_FUNCTION_NAME": "mllab-ingest",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
        "AWS_LAMBDA_FUNCTION_VERSION": "1",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/mllab-ingest",
        "AWS_LAMBDA_LOG_STREAM_NAME": "cold-start",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "LAMBDA_TASK_ROOT": "/var/task",
        "MLLAB_DATA_URI": "s3://decision-data-lake/",
        "MLLAB_FEATURES_URI": "s3://decision-data-lake-features/",
        "PATH": os.environ["PATH"],
        "RUST_LOG": "info",
    }


def start(binary, listener):
    """Milliseconds from before the process starts until its poll is here."""
    began = time.perf_counter()
    process = subprocess.Popen([binary], env=environment(listener.getsockname()[1]), stdout=subprocess.PIPE)
    try:
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(LONGEST_S)
            line = b""
            while b"\r\n" not in line:
                received = connection.recv(4096)
                if not received:
                    sys.exit(f"cold_start: {binary} closed the connection after {line!r}")
                line += received
            took = (time.perf_counter() - began) * 1000
        if not line.startswith(POLL):
            sys.exit(f"cold_start: expected {POLL!r} first, {binary} sent {line[:80]!r}")
        return took
    except socket.timeout:
        process.kill()
        output = process.stdout.read().decode(errors="replace")
        sys.exit(f"cold_start: {binary} did not poll within {LONGEST_S} s; it printed: {output[:2000]}")
    finally:
        process.kill()
        process.wait()


def main():
    arguments = ARGUMENTS.parse_args()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(LONGEST_S)
        times = sorted(start(arguments.binary, listener) for _ in range(arguments.starts))
    median, worst = statistics.median(times), times[-1]
    met = median < arguments.target_ms
    print(
        f"cold start of {os.path.basename(arguments.binary)}, {arguments.starts} starts: "
        f"median {median:.1f} ms, worst {worst:.1f} ms (target {arguments.target_ms:g} ms: {'met' if met else 'missed'})"
    )
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
