"""An S3 server for the tests, on a free port: prints the port, then serves until its standard input ends.

The test process holds the other end of that input, so the server ends with it however it ends.
"""

import os
import sys

from aws.serve import serve


def main() -> None:
    _, port = serve()
    print(port, flush=True)
    sys.stdin.read()
    os._exit(0)


if __name__ == "__main__":
    main()
