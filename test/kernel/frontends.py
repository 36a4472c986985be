"""The kernel under the tools that run notebooks; one line of JSON per check on stdout."""
import json
import os
import subprocess
import sys
import tempfile
import traceback

import nbformat

NAME = os.environ["KERNEL_NAME"]


def notebook(*cells, parameters=None):
    nb = nbformat.v4.new_notebook()
    nb.metadata.kernelspec = {"name": NAME, "display_name": NAME, "language": "typescript"}
    nb.metadata.language_info = {"name": "typescript"}
    if parameters:
        cell = nbformat.v4.new_code_cell(parameters)
        cell.metadata.tags = ["parameters"]
        nb.cells.append(cell)
    nb.cells += [nbformat.v4.new_code_cell(c) for c in cells]
    return nb


def outputs(nb):
    return [o.get("text") or o.get("data", {}).get("text/plain") for c in nb.cells for o in c.outputs]


def nbclient_runs_a_notebook(folder):
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError

    nb = notebook("const xs = [1, 2, 3];", "console.log(xs.length);\nxs.map(x => x * 2)", "await new Promise(r => setTimeout(r, 20)); 'late'")
    NotebookClient(nb, kernel_name=NAME, timeout=60).execute()
    assert outputs(nb) == ["3\n", "[ 2, 4, 6 ]", "'late'"], outputs(nb)
    try:
        NotebookClient(notebook("throw new Error('stops')"), kernel_name=NAME, timeout=60).execute()
    except CellExecutionError as error:
        assert error.ename == "Error" and "stops" in error.evalue
    else:
        raise AssertionError("no error")


def nbconvert_executes_and_exports(folder):
    path = os.path.join(folder, "a.ipynb")
    nbformat.write(notebook("display.raw({ 'text/html': '<b>bold</b>', 'text/plain': 'bold' })"), path)
    subprocess.run([sys.executable, "-m", "nbconvert", "--to", "html", "--execute", path], check=True, capture_output=True, timeout=120)
    with open(os.path.join(folder, "a.html")) as f:
        assert "<b>bold</b>" in f.read()


def papermill_writes_typescript_parameters(folder):
    path, out = os.path.join(folder, "p.ipynb"), os.path.join(folder, "o.ipynb")
    nbformat.write(notebook("[epochs, name, shifts, deep.on]", parameters="let epochs = 1;\nlet name = 'a';\nlet shifts: number[] = [];\nlet deep = { on: false };"), path)
    code = (
        "import papermill, sys\n"
        "papermill.execute_notebook(sys.argv[1], sys.argv[2], progress_bar=False,\n"
        "    parameters={'epochs': 20, 'name': 'it\"s', 'shifts': [-1.5, 2], 'deep': {'on': True}})\n"
    )
    subprocess.run([sys.executable, "-c", code, path, out], check=True, capture_output=True, text=True, timeout=120)
    nb = nbformat.read(out, 4)
    injected = [c.source for c in nb.cells if "injected-parameters" in c.metadata.get("tags", [])][0]
    assert "let epochs = 20;" in injected, injected
    assert outputs(nb)[-1] == "[ 20, 'it\"s', [ -1.5, 2 ], true ]", outputs(nb)


def jupyter_console_runs_cells(folder):
    out = subprocess.run(
        [sys.executable, "-m", "jupyter_console", "--kernel", NAME, "--simple-prompt"],
        input="const a: number = 6\na * 7\n", capture_output=True, text=True, timeout=90, env={**os.environ, "TERM": "dumb"},
    )
    assert "42" in out.stdout, out.stdout[-2000:] + out.stderr[-2000:]


CHECKS = [nbclient_runs_a_notebook, nbconvert_executes_and_exports, papermill_writes_typescript_parameters, jupyter_console_runs_cells]

if __name__ == "__main__":
    for run in CHECKS:
        name = run.__name__.replace("_", " ")
        try:
            run(tempfile.mkdtemp())
            result = {"name": name, "outcome": "passed", "detail": ""}
        except ModuleNotFoundError as error:
            result = {"name": name, "outcome": "skipped", "detail": f"{error}; run npm run setup"}
        except subprocess.CalledProcessError as error:
            missing = "No module named" in str(error.stderr)
            result = {"name": name, "outcome": "skipped" if missing else "failed", "detail": str(error.stderr)[-2000:]}
        except Exception:
            result = {"name": name, "outcome": "failed", "detail": traceback.format_exc()}
        print(json.dumps(result), flush=True)
