"""The entry of the bundle: a double click opens the application; with words behind it, it is the command `reconcile`."""

import multiprocessing
import sys

if __name__ == "__main__":
    multiprocessing.freeze_support()
    if len(sys.argv) == 1:
        sys.argv.append("app")
    from reconcile.__main__ import run

    run()
