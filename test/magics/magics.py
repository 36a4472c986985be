"""Checks of the magics in a live kernel through jupyter_client: one function per fact, one line of JSON per check on stdout.

    KERNEL_NAME=lch JUPYTER_PATH=... python magics.py [word ...]     only checks whose title contains a word
"""
import json
import os
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "kernel"))
from jupyter_client.manager import KernelManager
from protocol import NAME, WAIT, collect, contains, equal, plain, request, run, send

CHECKS = []


def check(title):
    """Registers a check. It gets a client and the manager of a kernel that all share, and the kernel's folder."""

    def register(function):
        CHECKS.append((title, function))
        return function

    return register


def complete(kc, code, at=None):
    offset = len(code) if at is None else at
    return request(kc, "complete_request", {"code": code, "cursor_pos": offset})["content"]


def write(folder, name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(text)


def failure(outcome):
    error = outcome.error()
    assert error is not None, f"no error; {outcome.text()!r}"
    return error


def bundle(outcome, kind="display_data"):
    return outcome.of(kind)[-1]["data"]


# ---------------------------------------------------------------------------------------------- unknown and misplaced


@check("an unknown magic names the nearest one, at its line and column")
def _(kc, km, folder):
    error = failure(run(kc, "const before1 = 1\n%umpa --latents z.csv"))
    equal(error["evalue"], "%umpa: unknown magic; nearest is %umap (%lsmagic lists them)")
    contains(plain(error["traceback"]), "Cell[")
    contains(plain(error["traceback"]), "]:2:1")
    equal(run(kc, "before1").result(), "1")


@check("a cell magic that does not stand first, and a line magic as a cell's, say where they belong")
def _(kc, km, folder):
    contains(failure(run(kc, "1;\n%%bash\necho 1"))["evalue"], "first line")
    contains(failure(run(kc, "%bash echo 1"))["evalue"], "write %%bash")
    contains(failure(run(kc, "%%cd x\ny"))["evalue"], "write %cd")


@check("errors of options read as on a terminal, with % before the name")
def _(kc, km, folder):
    equal(failure(run(kc, "%umap --neighbours 3"))["evalue"], "%umap: unknown option --neighbours; nearest is --neighbors (see %umap --help)")
    contains(failure(run(kc, "%umap --neighbors x"))["evalue"], '%umap: --neighbors needs a whole number from 2 on, got "x"')
    contains(failure(run(kc, "%encode --model run1"))["evalue"], "%encode: --data is missing")
    contains(failure(run(kc, "%start"))["evalue"], "npm start on a terminal")
    contains(failure(run(kc, "%kernel list"))["evalue"], "lch kernel on a terminal")


# ---------------------------------------------------------------------------------------------- types and positions


@check("a type error after a magic and inside its expression has the right line and column")
def _(kc, km, folder):
    after = plain(failure(run(kc, "%who\nconst wrong: string = 1"))["traceback"])
    contains(after, "]:2:7 - error TS2322")
    inside = plain(failure(run(kc, "const n1 = 1\n%umap --neighbors 5 --latents {n1.foo}"))["traceback"])
    contains(inside, "]:2:35 - error TS2339")
    wanted = plain(failure(run(kc, "%umap --neighbors {'5'} --latents z.csv"))["traceback"])
    contains(wanted, "]:1:20 - error TS2345")
    timed = plain(failure(run(kc, "/* 😀 */\n%time 1 + unknownName"))["traceback"])
    contains(timed, "]:2:11 - error TS2304")


@check("an error thrown in an expression of a magic, or below one, has its own place")
def _(kc, km, folder):
    inside = plain(failure(run(kc, "const bad1 = () => { throw new Error('kaboom') };\n%cd {bad1()}"))["traceback"])
    contains(inside, "kaboom")
    contains(inside, "]:2:6")
    below = plain(failure(run(kc, "%pwd\n%time\u00201\nthrow new Error('below')"))["traceback"])
    contains(below, "]:3:7")
    cell = plain(failure(run(kc, "%%time\nlet k1 = 1\nthrow new Error('in cell')"))["traceback"])
    contains(cell, "]:3:7")


@check("a magic in a loop and in a function runs; without async, TypeScript tells")
def _(kc, km, folder):
    os.makedirs(os.path.join(folder, "loop1/inner"))
    run(kc, "const inner1 = async () => {\n  %cd loop1\n  return 1\n}\nawait inner1();\nfor (const d of ['inner', '..']) {\n  %cd {d}\n}")
    equal(run(kc, "const where1 = %pwd\nwhere1").result(), repr(os.path.join(folder, "loop1")))
    contains(plain(failure(run(kc, "const f1 = () => {\n  %pwd\n}"))["traceback"]), "]:2:3 - error TS1308")


# ---------------------------------------------------------------------------------------------- timing


@check("%time gives the value and its type, waits for promises, and keeps declarations")
def _(kc, km, folder):
    outcome = run(kc, "%time 6 * 7")
    equal(outcome.result(), "42")
    contains(outcome.text(), "wall time")
    equal(run(kc, "const t1: number = %time Promise.resolve(5)\nt1").result(), "5")
    run(kc, "%time const t2 = await Promise.resolve('kept')")
    equal(run(kc, "const t3: string = t2; t3").result(), "'kept'")
    contains(plain(failure(run(kc, "const t4: string = %time 1"))["traceback"]), "TS2322")
    contains(failure(run(kc, "%time"))["evalue"], "what shall be timed")


@check("%%time shows the cell's result, keeps its variables, and tells the time of a failing cell too")
def _(kc, km, folder):
    outcome = run(kc, "%%time\nconst c1 = 20\nc1 + 1")
    equal(outcome.result(), "21")
    contains(outcome.text(), "wall time")
    equal(run(kc, "c1").result(), "20")
    failing = run(kc, "%%time\nthrow new Error('no')")
    contains(failing.text(), "wall time")
    equal(failing.error()["evalue"], "no")


@check("%timeit chooses rounds by itself, or takes them, for lines and cells, with and without await")
def _(kc, km, folder):
    contains(run(kc, "%timeit -r 2 1 + 1").text(), "mean ± sd of 2 runs of")
    contains(run(kc, "%timeit -n 3 -r 2 await Promise.resolve(1)").text(), "(mean ± sd of 2 runs of 3 rounds)")
    contains(run(kc, "%%timeit -n 1 -r 2\nconst own1 = [1, 2]\nown1.map((x) => x % 2) // last").text(), "2 runs of 1 round)")
    contains(plain(failure(run(kc, "own1"))["traceback"]), "TS2304")
    equal(run(kc, "const timing1 = %timeit -n 2 -r 3 -q 1 + 1\ntiming1!.runs.length * timing1!.loops").result(), "6")


# ---------------------------------------------------------------------------------------------- variables


@check("%who and %whos list names, types and values; %reset forgets them")
def _(kc, km, folder):
    run(kc, "%reset")
    run(kc, "const area1: number = 12.5; const names1 = ['a', 'b']; const bytes1 = new Float32Array(3)")
    equal(run(kc, "%who").text().split(), ["area1", "bytes1", "names1"])
    lines = run(kc, "%whos").text().splitlines()
    contains(lines[1], "number")
    contains(lines[1], "12.5")
    contains(lines[2], "Float32Array of 3")
    contains(lines[3], "2 items")
    equal(run(kc, "%reset -f").text(), "forgot 3 names\n")
    contains(plain(failure(run(kc, "area1"))["traceback"]), "TS2304")
    contains(run(kc, "%who").text(), "no cell has declared anything yet")


@check("%pinfo opens the pager with type and documentation")
def _(kc, km, folder):
    run(kc, "/** Counts cells. */\nfunction count1(n: number): number { return n }")
    payload = run(kc, "%pinfo count1").reply["payload"][0]
    equal(payload["source"], "page")
    contains(payload["data"]["text/plain"], "count1(n: number): number")
    contains(failure(run(kc, "%pinfo nobody1"))["evalue"], "nobody1 is not known")


# ---------------------------------------------------------------------------------------------- files


@check("%cd changes where files, imports and commands are; %pwd gives it; a dash goes back")
def _(kc, km, folder):
    write(folder, "sub dir/helper.ts", "export const inSub: number = 7;")
    equal(run(kc, "%cd sub dir").text().strip(), os.path.join(folder, "sub dir"))
    equal(run(kc, "import { inSub } from './helper'; const seven: number = inSub; seven").result(), "7")
    contains(run(kc, "!pwd").text(), "sub dir")
    run(kc, "%cd -")
    equal(run(kc, "%pwd").result(), repr(folder))
    contains(plain(failure(run(kc, "import { inSub as again } from './helper'"))["traceback"]), "TS2307")
    contains(failure(run(kc, "%cd nowhere"))["evalue"], "%cd: nowhere is no folder in")


@check("%env lists, gives and sets, and commands see it; secrets are not listed")
def _(kc, km, folder):
    run(kc, "%env LCH_TEST_A=b c\nprocess.env.MY_TOKEN = 'hush'")
    equal(run(kc, "%env LCH_TEST_A").result(), "'b c'")
    contains(run(kc, "!echo $LCH_TEST_A").text(), "b c")
    run(kc, "%env LCH_TEST_B {1 + 1}")
    equal(run(kc, "process.env.LCH_TEST_B").result(), "'2'")
    listed = run(kc, "%env").text()
    contains(listed, "LCH_TEST_A=b c")
    assert "hush" not in listed
    contains(failure(run(kc, "%env NOT_SET_1"))["evalue"], "NOT_SET_1 is not set")


@check("%%writefile writes and adds, with signs that mean something in templates; %load brings text into the cell")
def _(kc, km, folder):
    text = "const a = `${b}`;\\n // \\\\ 😀"
    equal(run(kc, f"%%writefile made/a.ts\n{text}").text(), "wrote made/a.ts\n")
    equal(open(os.path.join(folder, "made/a.ts")).read(), text + "\n")
    equal(run(kc, "%%writefile made/a.ts --append\nsecond").text(), "added to made/a.ts\n")
    equal(open(os.path.join(folder, "made/a.ts")).read(), text + "\nsecond\n")
    payload = run(kc, "%load made/a.ts").reply["payload"]
    equal(payload, [{"source": "set_next_input", "text": text + "\nsecond\n", "replace": True}])
    equal(run(kc, "%load made/a.ts --lines 2-2").reply["payload"][0]["text"], "second")
    contains(failure(run(kc, "%load nothing.ts"))["evalue"], "%load: nothing.ts cannot be read")


@check("%run runs files with their own imports and magics, and notebooks up to their first error")
def _(kc, km, folder):
    write(folder, "scripts/other.ts", "import { three } from './three';\nconst fromRun: number = three * 2;\n%env RAN=yes\nfromRun")
    write(folder, "scripts/three.ts", "export const three = 3;")
    equal(run(kc, "%run scripts/other.ts").result(), "6")
    equal(run(kc, "const typed1: number = fromRun; [typed1, process.env.RAN]").result(), "[ 6, 'yes' ]")
    cells = [("markdown", "# no"), ("code", ["const nb1 = 5\n", "nb1"]), ("code", "throw new Error('stop here')"), ("code", "const nb2 = 6")]
    write(folder, "n.ipynb", json.dumps({"cells": [{"cell_type": t, "source": s} for t, s in cells]}))
    error = failure(run(kc, "%run n.ipynb"))
    equal(error["evalue"], "stop here")
    contains(plain(error["traceback"]), "n.ipynb[cell 3]:1:7")
    equal(run(kc, "nb1").result(), "5")
    contains(plain(failure(run(kc, "nb2"))["traceback"]), "TS2304")
    write(folder, "typed.ts", "const ok1 = 1\nconst wrong: string = 1")
    contains(plain(failure(run(kc, "%run typed.ts"))["traceback"]), "typed.ts:2:7")


# ---------------------------------------------------------------------------------------------- shell


@check("%%bash and %%sh stream both outputs; another code than 0 is an error")
def _(kc, km, folder):
    outcome = run(kc, "%%bash\nfor i in 1 2 3; do echo \"line $i `echo x` 😀\"; done\necho oops >&2")
    equal(outcome.text(), "line 1 x 😀\nline 2 x 😀\nline 3 x 😀\n")
    equal(outcome.text("stderr"), "oops\n")
    contains(failure(run(kc, "%%bash\nexit 3"))["evalue"], "%%bash: the command ended with code 3")
    equal(run(kc, "%%sh\necho sh\n").text(), "sh\n")


@check("%%bash shows output while it runs, and an interrupt ends all that it started")
def _(kc, km, folder):
    msg_id = send(kc, "%%bash\necho begun; sleep 300 & echo $! > pid; wait")
    while True:
        m = kc.get_iopub_msg(timeout=WAIT)
        if m["msg_type"] == "stream" and "begun" in m["content"]["text"]:
            break
    while not os.path.exists(os.path.join(folder, "pid")) or not open(os.path.join(folder, "pid")).read():
        time.sleep(0.02)
    km.interrupt_kernel()
    equal(collect(kc, msg_id).error()["ename"], "Interrupted")
    pid = int(open(os.path.join(folder, "pid")).read())
    for _ in range(100):
        if not alive(pid):
            break
        time.sleep(0.05)
    assert not alive(pid), "the sleeping child still runs"
    equal(run(kc, "1 + 1").result(), "2")


def alive(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().split(")")[-1].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


@check("!command takes variables as words, and as a value gives its lines")
def _(kc, km, folder):
    run(kc, "const odd1 = \"it's a file.txt\"; const list1 = ['a', 'b c']")
    equal(run(kc, "!printf '%s|' {odd1} {list1} \"{odd1}\"").text(), "it's a file.txt|a|b c|it's a file.txt|")
    equal(run(kc, "const found1: string[] = !printf 'a\\nb c\\n'\nfound1").result(), "[ 'a', 'b c' ]")
    equal(run(kc, "const isNot1 = true\n!isNot1").result(), "false")
    contains(failure(run(kc, "!exit 4"))["evalue"], "code 4")


# ---------------------------------------------------------------------------------------------- shows


@check("%%html, %%markdown, %%svg, %%javascript, %%latex and %%mermaid show the cell by its mime type, with text")
def _(kc, km, folder):
    kinds = {"html": "text/html", "markdown": "text/markdown", "svg": "image/svg+xml", "javascript": "application/javascript", "latex": "text/latex", "mermaid": "text/vnd.mermaid"}
    for name, mime in kinds.items():
        body = f"<b>`${{x}}` \\alpha</b>\n%who"
        data = bundle(run(kc, f"%%{name}\n{body}"))
        equal(data, {mime: body, "text/plain": body})
    contains(failure(run(kc, "%%html"))["evalue"], "%%html: the cell below is empty")


@check("%%vegalite draws JSON and TypeScript, takes rows and tables as data, and is checked as TypeScript")
def _(kc, km, folder):
    data = bundle(run(kc, '%%vegalite\n{ "mark": "bar", "data": { "values": [{ "a": 1 }] }, "encoding": { "x": { "field": "a", "type": "quantitative" } } }'))
    equal(data["application/vnd.vegalite.v5+json"]["mark"], "bar")
    contains(data["image/svg+xml"], "<svg")
    run(kc, "%%sql rows1\nSELECT 4 AS a")
    data = bundle(run(kc, '%%vegalite\n{ data: rows1, mark: "point", encoding: { x: { field: "a", type: "quantitative" } } }; // mine'))
    equal(data["application/vnd.vegalite.v5+json"]["data"], {"values": [{"a": 4}]})
    contains(plain(failure(run(kc, "%%vegalite\n{ mark: 'bar',\n  width: unknownWidth }"))["traceback"]), "]:3:10 - error TS2304")


@check("%%capture keeps streams, displays and the result, even of a cell that fails, and shows nothing")
def _(kc, km, folder):
    outcome = run(kc, "%%capture kept1\nconsole.log('out'); console.error('err'); display.raw({ 'text/plain': 'shown' });\n!echo shell\nconst inside1 = 3\ninside1 * 2")
    equal([t for t in outcome.types() if t in ("stream", "display_data", "execute_result")], [])
    equal(run(kc, "[kept1.stdout, kept1.stderr, kept1.result, kept1.displays.length, inside1]").result(), "[ 'out\\nshell\\n', 'err\\n', 6, 2, 3 ]")
    shown = run(kc, "kept1.show()")
    contains(shown.text(), "shell")
    equal(len(shown.of("display_data")), 2)
    run(kc, "%%capture kept2\nconsole.log('before'); throw new Error('x')")
    equal(run(kc, "console.log('seen')").text(), "seen\n")


# ---------------------------------------------------------------------------------------------- tables


@check("%sql and %%sql ask tables of the notebook and files, with values, and give a typed table")
def _(kc, km, folder):
    run(kc, "%%sql cells1\nSELECT * FROM (VALUES ('m481', 1.5), ('m481', 2.5), ('ut8', 4)) AS t(tumor, area)")
    outcome = run(kc, "const sums1 = %sql SELECT tumor, sum(area) AS total FROM cells1 GROUP BY tumor ORDER BY tumor;\nJSON.stringify(sums1.objects())")
    equal(json.loads(outcome.result().strip("'")), [{"tumor": "m481", "total": 4}, {"tumor": "ut8", "total": 4}])
    run(kc, "const tumor1 = 'ut8'")
    run(kc, "%%sql ut8\nSELECT area FROM cells1\nWHERE tumor = $tumor1 -- it's `this`")
    equal(run(kc, "ut8.get('area', 0)").result(), "4")
    write(folder, "t.csv", "path,z1\na,1\nb,2\n")
    equal(run(kc, "const count2 = async () => {\n  const t = %sql SELECT count(*) AS n FROM 't.csv'\n  return t.get('n', 0)\n}\nawait count2()").result(), "2")
    contains(plain(failure(run(kc, "sums1.nothing()"))["traceback"]), "TS2339")
    contains(failure(run(kc, "%sql SELECT * FROM nothing1"))["evalue"], "nothing1")
    contains(failure(run(kc, "%%sql\nSELECT $missing1"))["evalue"], "needs a variable missing1")


# ---------------------------------------------------------------------------------------------- the kernel


@check("%history and %rerun show and run earlier cells")
def _(kc, km, folder):
    first = run(kc, "const h1 = 40\nh1 + 2").reply["execution_count"]
    equal(run(kc, f"%history {first}").text(), f"[{first}] const h1 = 40\n    h1 + 2\n")
    contains(run(kc, "%history --last 2").text(), "%history")
    contains(run(kc, "%history --search h1").text(), "const h1 = 40")
    again = run(kc, f"%rerun {first}")
    equal(again.result(), "42")
    contains(again.text(), "h1 + 2")
    run(kc, "let counted1 = 5")
    equal(run(kc, "%rerun\ncounted1").result(), "5")
    contains(failure(run(kc, "%rerun 9999"))["evalue"], "no such cell")


@check("%typecheck, %progress, %memory and %backend show and set what they name")
def _(kc, km, folder):
    equal(run(kc, "%typecheck warn").text(), "typecheck warn\n")
    contains(run(kc, "const loose1: string = 1\nloose1").text("stderr"), "TS2322")
    equal(run(kc, "%typecheck error").text(), "typecheck error\n")
    contains(failure(run(kc, "%typecheck nothing"))["evalue"], "one of error, warn, off")
    equal(run(kc, "%progress off").text(), "progress off\n")
    equal(run(kc, "%progress on").text(), "progress on\n")
    for word in ("process", "heap", "tensors"):
        contains(run(kc, "%memory").text(), word)


@check("%lsmagic lists every magic; %name? and %name --help explain one")
def _(kc, km, folder):
    listed = run(kc, "%lsmagic").text()
    for name in ("%time", "%%bash", "%encode", "%train", "%umap", "!command"):
        contains(listed, name)
    for code in ("%umap?", "%umap --help"):
        contains(run(kc, code).text(), "usage: %umap")
        contains(run(kc, code).text(), "--neighbors N")
    contains(run(kc, "%%bash?").text(), "%%bash: Runs the cell in bash.")


# ---------------------------------------------------------------------------------------------- commands


@check("commands are magics with the library's types: simulate, train, encode, pca and umap without a file between")
def _(kc, km, folder):
    made = run(kc, "const made1 = %simulate --cells 24 --size 64 --seed 1 --out cells\nmade1.cells", timeout=180)
    equal(made.result(), "24")
    assert "display_data" in made.types(), "no progress was shown"
    run_of = run(kc, "const run1 = %train --data cells --out run1 --epochs 1 --batch 8 --max-steps 2\nrun1.step", timeout=180)
    equal(run_of.result(), "2")
    encoded = run(kc, "const z1 = %encode --model run1 cells\nz1.numRows()", timeout=180)
    equal(encoded.result(), "24")
    equal(run(kc, "z1.columnNames().includes('z56')").result(), "true")
    contains(plain(failure(run(kc, "const z2: number = %encode --model run1 cells"))["traceback"]), "]:1:7 - error TS2322")
    mapped = run(kc, "const u1 = %umap {z1} --neighbors {3 + 2} --epochs 20 --seed 1\nu1.columnNames()", timeout=180)
    equal(mapped.result(), "[ 'path', 'umap1', 'umap2' ]")
    run(kc, "%pca --latents {z1} --components 3 --out {'p'}.csv")
    assert os.path.exists(os.path.join(folder, "p.csv"))
    equal(run(kc, "const p1 = %pca {z1}\np1.numRows()").result(), "24")


@check("an interrupt stops a command through its signal, and the kernel goes on")
def _(kc, km, folder):
    msg_id = send(kc, "%simulate --cells 100000 --size 64 --out many")
    while kc.get_iopub_msg(timeout=WAIT)["msg_type"] != "display_data":
        pass
    began = time.time()
    km.interrupt_kernel()
    equal(collect(kc, msg_id).error()["ename"], "Interrupted")
    assert time.time() - began < 5
    equal(run(kc, "1 + 1").result(), "2")


# ---------------------------------------------------------------------------------------------- assistance


@check("names, options, choices and files complete; TypeScript completes in and after magics")
def _(kc, km, folder):
    run(kc, "const study1 = { tumors: 3, days: 4 }")
    found = complete(kc, "%um")
    equal((found["matches"], found["cursor_start"], found["cursor_end"]), (["%umap"], 0, 3))
    contains(complete(kc, "%")["matches"], "%%bash")
    assert "%%bash" not in complete(kc, "1;\n%")["matches"]
    contains(complete(kc, "%%ba")["matches"], "%%bash")
    equal(complete(kc, "const z = %enc")["matches"], ["%encode"])
    equal(complete(kc, "%umap --nei")["matches"], ["--neighbors"])
    equal(complete(kc, "%umap --metric c")["matches"], ["cosine", "correlation"])
    equal(complete(kc, "%umap --metric=c")["matches"], ["cosine", "correlation"])
    equal(complete(kc, "%typecheck ")["matches"][:3], ["error", "warn", "off"])
    write(folder, "crops one/a.png", "")
    write(folder, "crops.csv", "")
    equal(complete(kc, "%load cr")["matches"], ["crops.csv", "crops\\ one/"])
    equal(complete(kc, "%encode --model cr")["matches"], ["crops.csv", "crops\\ one/"])
    equal(complete(kc, "%cd crops\\ one/")["matches"], ["crops\\ one/a.png"])
    contains(complete(kc, "%umap --neighbors {study1.", None)["matches"], "tumors")
    equal(complete(kc, "%time study1.da")["matches"], ["days"])
    contains(complete(kc, "%cd data\nstudy1.")["matches"], "tumors")
    code = "%umap {study1.tu} --force\nstudy1"
    found = complete(kc, code, code.index("}"))
    equal((found["matches"], found["cursor_start"], found["cursor_end"]), (["tumors"], 14, 16))
    contains(complete(kc, "%%time\nstudy1.")["matches"], "tumors")
    assert not any("__lch" in name for name in complete(kc, "__l")["matches"])


@check("Shift-Tab shows a magic's help, and TypeScript's in expressions and below")
def _(kc, km, folder):
    def inspect(code, at):
        return request(kc, "inspect_request", {"code": code, "cursor_pos": at, "detail_level": 0})["content"]

    contains(inspect("%umap --neighbors 5", 3)["data"]["text/markdown"], "usage: %umap")
    contains(inspect("%umap --neighbors 5", 12)["data"]["text/markdown"], "--neighbors N")
    run(kc, "/** How many. */\nconst many1 = 5")
    contains(inspect("%umap --neighbors {many1}", 21)["data"]["text/plain"], "How many.")
    contains(inspect("%cd x\nmany1", 8)["data"]["text/plain"], "How many.")
    contains(inspect("%%time\nmany1", 9)["data"]["text/plain"], "How many.")


@check("a console waits for an empty line after %%, and runs line magics at once")
def _(kc, km, folder):
    def status(code):
        return request(kc, "is_complete_request", {"code": code})["content"]["status"]

    equal(status("%%bash"), "incomplete")
    equal(status("%%bash\necho"), "incomplete")
    equal(status("%%bash\necho\n"), "complete")
    equal(status("%cd data"), "complete")
    equal(status("const z = %encode --model run1 crops"), "complete")
    equal(status("if (true) {\n  %cd x"), "incomplete")


def start(folder):
    manager = KernelManager(kernel_name=NAME)
    manager.start_kernel(cwd=folder)
    client = manager.client()
    client.start_channels()
    client.wait_for_ready(timeout=WAIT)
    client.allow_stdin = False
    return client, manager


def main():
    words = sys.argv[1:]
    folder = os.path.realpath(tempfile.mkdtemp(prefix="lch-magics-"))
    client, manager = start(folder)
    for title, function in CHECKS:
        if words and not any(word in title for word in words):
            continue
        detail, outcome = "", "passed"
        began = time.time()
        try:
            run(client, f"%cd {folder}")
            detail = function(client, manager, folder) or ""
        except Exception:
            outcome, detail = "failed", traceback.format_exc()
        if "-v" in os.environ.get("LCH_TEST_FLAGS", ""):
            print(f"{time.time() - began:.2f} s  {title}", file=sys.stderr)
        print(json.dumps({"name": title, "outcome": outcome, "detail": detail}), flush=True)
    client.stop_channels()
    manager.shutdown_kernel(now=True)


if __name__ == "__main__":
    main()
