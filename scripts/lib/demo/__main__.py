"""Run the demo: python -m scripts.lib.demo [--check]."""

import signal
import sys

# Until the programs run there is nothing to tidy up: Ctrl-C may end us at once.
signal.signal(signal.SIGINT, signal.SIG_DFL)

from .command import main  # noqa: E402 - the imports take long enough to be interrupted

sys.exit(main())
