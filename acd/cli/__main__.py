"""`python -m acd.cli`: what `./sanxiang` runs."""

import gc

gc.disable()  # until all is imported: a tenth of the time that most commands take

from acd.cli.app import main  # noqa: E402

if __name__ == "__main__":
    main()
