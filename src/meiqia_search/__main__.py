"""``python -m meiqia_search``."""

from meiqia_search.cli.main import main

main()
