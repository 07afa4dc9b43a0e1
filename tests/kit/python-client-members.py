"""Prints the names of everything that the PyPI package `cybereason` offers on its client, as a JSON list."""

import inspect
import json

from cybereason import Cybereason

members = inspect.getmembers_static(Cybereason)
print(json.dumps(sorted(name for name, _ in members if not name.startswith("_"))))
