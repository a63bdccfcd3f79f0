"""Writes index_templates/ anew from fields.py."""

from pathlib import Path

from meiqia_search.engines.opensearch.indices import PREFIX, pattern
from meiqia_search.engines.opensearch.template import written

FILE = Path(__file__).parents[1] / "index_templates" / f"{PREFIX}.json"

if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(written(pattern(PREFIX)), "utf-8")
