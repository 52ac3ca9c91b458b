"""Prints which package is under which licence, as a CycloneDX file tells it: python .ci/licences.py build/sbom.json."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any


def main() -> None:
    """Print a line a licence, the commonest first."""
    try:
        (path,) = sys.argv[1:]
        components = json.loads(Path(path).read_text("utf-8"))["components"]
    except (ValueError, KeyError, OSError) as error:
        raise SystemExit(f"No CycloneDX file in JSON ({error}). 'make sbom' makes one.") from error
    packages = defaultdict(list)
    for component in components:
        packages[_licence(component)].append(f"{component['name']} {component.get('version', '')}".strip())
    for licence, names in sorted(packages.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        print(f"{licence} ({len(names)}): {', '.join(sorted(names, key=str.casefold))}")


def _licence(component: dict[str, Any]) -> str:
    found = []
    for each in component.get("licenses", ()):
        told = each.get("license", {})
        found.append(each.get("expression") or told.get("id") or told.get("name", "").rpartition(" :: ")[2])
    return " and ".join(dict.fromkeys(filter(None, found))) or "told only in the package's own files"


if __name__ == "__main__":
    main()
