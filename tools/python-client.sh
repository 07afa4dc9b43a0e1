#!/usr/bin/env bash
# Makes a virtual environment in the directory that it is given, with the latest PyPI packages `cybereason` and `cortex-xdr-client` in it:
# clients of the two vendors' APIs that nobody here wrote. Prints the path of its Python, for CUSTODY_TEST_PYTHON.
set -euo pipefail

directory=${1:?usage: tools/python-client.sh DIRECTORY}
python3 -m venv "$directory" >&2
"$directory/bin/pip" install --quiet --disable-pip-version-check --upgrade 'cybereason[zip]' cortex-xdr-client >&2
echo "$directory/bin/python"
