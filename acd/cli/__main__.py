"""`python -m acd.cli`: what `./sanxiang` runs."""

from acd.cli.app import main

if __name__ == "__main__":
    main()
