"""Runs a notebook from its first cell to its last and writes it with its outputs.

    execute_notebook.py IN.ipynb OUT.ipynb [PARAMETERS.ts]

The text of PARAMETERS.ts becomes a cell behind the one tagged "parameters". One JSON line per cell goes to standard output, and between them, at most
one a second, what a progress bar of the cell says. The notebook is written even when a cell fails; then the exit code is 1.
"""

import json
import os
import re
import sys
import time

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


def inject(notebook, source):
    """Puts the parameters behind the cell of defaults, in place of those of an earlier run."""
    notebook.cells = [cell for cell in notebook.cells if "injected-parameters" not in cell.metadata.get("tags", [])]
    tagged = [i for i, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", [])]
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["injected-parameters"]})
    cell.id = "injected-parameters"
    notebook.cells.insert(tagged[0] + 1 if tagged else 0, cell)


class Client(NotebookClient):
    """Tells of every cell as it is done, and of progress within it."""

    told_at = 0.0

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] in ("display_data", "update_display_data") and time.monotonic() - self.told_at >= 1:
            lines = str(msg["content"]["data"].get("text/plain", "")).splitlines()
            under_way = [line for line in lines if re.search("[█░]{20} ", line)]
            if under_way:
                self.told_at = time.monotonic()
                print(json.dumps({"doing": re.sub("[█░]{20} ", "", under_way[-1]).strip()}), flush=True)
        return super().process_message(msg, cell, cell_index)

    async def async_execute_cell(self, cell, cell_index, **options):
        done = await super().async_execute_cell(cell, cell_index, **options)
        print(json.dumps({"cell": cell_index + 1, "cells": len(self.nb.cells)}), flush=True)
        return done


def main(source, target, parameters=None):
    notebook = nbformat.read(source, as_version=4)
    if parameters:
        with open(parameters, encoding="utf-8") as file:
            inject(notebook, file.read())
    folder = os.path.dirname(os.path.abspath(source))
    client = Client(
        notebook,
        kernel_name="lch",
        timeout=None,
        startup_timeout=120,
        record_timing=False,
        resources={"metadata": {"path": folder}},
    )
    code = 0
    try:
        client.execute()
    except CellExecutionError as error:
        print(json.dumps({"error": f"{error.ename}: {error.evalue}"}), flush=True)
        code = 1
    # the front end's own bookkeeping of widgets is not part of the analysis
    partial = f"{target}.partial"
    nbformat.write(notebook, partial)
    os.replace(partial, target)
    return code


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
