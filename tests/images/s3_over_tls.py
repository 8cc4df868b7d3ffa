"""moto's S3 behind TLS, with a lake for each processor that holds raw files.

    python s3_over_tls.py --cert PEM --key PEM --ca PEM --raw DIR

Makes buckets lake-amd64, lake-arm64 and their -features, puts DIR's files under raw/ of each, prints the port that it
listens at (127.0.0.1) and serves until it is ended.
"""

import argparse
import pathlib
import signal
import sys
import threading

import boto3
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

ARGUMENTS = argparse.ArgumentParser(description=__doc__.splitlines()[0])
for name in ("cert", "key", "ca", "raw"):
    ARGUMENTS.add_argument(f"--{name}", required=True)


def main():
    arguments = ARGUMENTS.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    application = DomainDispatcherApplication(create_backend_app)
    server = make_server(
        "127.0.0.1", 0, application, threaded=True, ssl_context=(arguments.cert, arguments.key)
    )
    port = server.server_address[1]
    serving = threading.Thread(target=server.serve_forever, daemon=True)
    serving.start()
    s3 = boto3.client(
        "s3",
        endpoint_url=f"https://127.0.0.1:{port}",
        verify=arguments.ca,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    for lake in ("lake-amd64", "lake-arm64"):
        for bucket in (lake, f"{lake}-features"):
            s3.create_bucket(Bucket=bucket)
        for file in sorted(pathlib.Path(arguments.raw).iterdir()):
            s3.upload_file(str(file), lake, f"raw/{file.name}")
    print(port, flush=True)
    serving.join()


if __name__ == "__main__":
    main()
