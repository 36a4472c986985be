"""Checks of the kernel through jupyter_client: one function per fact, one line of JSON per check on stdout.

    KERNEL_NAME=lch JUPYTER_PATH=... python protocol.py [word ...]     only checks whose name contains a word
"""
import base64
import glob
import hashlib
import hmac
import inspect
import json
import os
import queue
import signal
import stat
import subprocess
import sys
import tempfile
import time
import traceback

import zmq
from jupyter_client.manager import KernelManager, start_new_kernel

NAME = os.environ["KERNEL_NAME"]
WAIT = 60
CHECKS = []


def check(title, **kernel):
    """Registers a check. It gets a client of a kernel that it shares with others, or of its own with `own=True`."""

    def register(function):
        CHECKS.append((title, kernel, function))
        return function

    return register


class Outcome:
    """What one execute_request gave."""

    def __init__(self, reply, messages):
        self.reply = reply["content"]
        self.reply_message = reply
        self.messages = messages

    def types(self):
        return [m["msg_type"] for m in self.messages]

    def of(self, kind):
        return [m["content"] for m in self.messages if m["msg_type"] == kind]

    def text(self, name="stdout"):
        return "".join(c["text"] for c in self.of("stream") if c["name"] == name)

    def result(self):
        found = self.of("execute_result")
        return found[0]["data"]["text/plain"] if found else None

    def error(self):
        found = self.of("error")
        return found[0] if found else None


def plain(lines):
    import re

    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(lines))


def send(kc, code, **options):
    return kc.execute(code, **options)


def collect(kc, msg_id, timeout=WAIT):
    """Messages of a request until it is idle, and its reply."""
    messages = []
    end = time.time() + timeout
    while True:
        m = kc.get_iopub_msg(timeout=max(0.1, end - time.time()))
        if m["parent_header"].get("msg_id") != msg_id:
            continue
        messages.append(m)
        if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
            break
    while True:
        reply = kc.get_shell_msg(timeout=max(0.1, end - time.time()))
        if reply["parent_header"].get("msg_id") == msg_id:
            return Outcome(reply, messages)


def run(kc, code, timeout=WAIT, **options):
    return collect(kc, send(kc, code, **options), timeout)


def request(kc, kind, content, channel="shell"):
    """Sends a request and waits for its reply."""
    message = kc.session.msg(kind, content)
    target = kc.shell_channel if channel == "shell" else kc.control_channel
    target.send(message)
    getter = kc.get_shell_msg if channel == "shell" else kc.get_control_msg
    while True:
        reply = getter(timeout=WAIT)
        if reply["parent_header"].get("msg_id") == message["header"]["msg_id"]:
            return reply


def until(condition, timeout=10.0):
    end = time.time() + timeout
    while time.time() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


def equal(got, wanted):
    assert got == wanted, f"got {got!r}, wanted {wanted!r}"


def contains(text, part):
    assert part in text, f"{part!r} is not in {text!r}"


# ---------------------------------------------------------------------------------------------- schema of replies


@check("every reply and publication follows the protocol's schema")
def _(kc, km):
    from jupyter_kernel_test.msgspec_v5 import validate_message

    for code in ["1 + 1", "console.log('x')", "throw new Error('x')", "display.raw({'text/plain': 'x'})", "display.clear()"]:
        msg_id = send(kc, code)
        outcome = collect(kc, msg_id)
        validate_message(outcome.reply_message, "execute_reply", msg_id)
        for m in outcome.messages:
            validate_message(m, m["msg_type"], msg_id)
    for kind, content in [
        ("kernel_info_request", {}),
        ("complete_request", {"code": "Math.", "cursor_pos": 5}),
        ("inspect_request", {"code": "Math", "cursor_pos": 2, "detail_level": 0}),
        ("is_complete_request", {"code": "1"}),
        ("history_request", {"hist_access_type": "tail", "n": 3, "output": False, "raw": True}),
        ("comm_info_request", {}),
    ]:
        reply = request(kc, kind, content)
        if kind != "comm_info_request":  # jupyter_kernel_test has no schema for this one
            validate_message(reply, kind.replace("_request", "_reply"), reply["parent_header"]["msg_id"])
        equal(reply["content"]["status"], "complete" if kind == "is_complete_request" else "ok")


@check("kernel_info names language, version, mime type, lexer and editor mode")
def _(kc, km):
    info = request(kc, "kernel_info_request", {})["content"]
    language = info["language_info"]
    equal((language["name"], language["mimetype"], language["file_extension"]), ("typescript", "text/typescript", ".ts"))
    contains(language["version"], "5.9")
    equal(language["pygments_lexer"], "typescript")
    assert info["protocol_version"].startswith("5.") and info["implementation"] == "lch"


@check("kernel_info is answered on the control channel while a cell blocks the thread")
def _(kc, km):
    run(kc, "1")
    msg_id = send(kc, "while (true) {}")
    time.sleep(0.5)
    equal(request(kc, "kernel_info_request", {}, "control")["content"]["implementation"], "lch")
    km.interrupt_kernel()
    equal(collect(kc, msg_id).error()["ename"], "Interrupted")


# ---------------------------------------------------------------------------------------------- results and output


@check("the last expression is execute_result, declarations and undefined are nothing")
def _(kc, km):
    equal(run(kc, "21 * 2").result(), "42")
    equal(run(kc, "const quiet = 1").result(), None)
    equal(run(kc, "undefined").result(), None)
    equal(run(kc, "quiet + 1").result(), "2")


@check("variables of earlier cells can be named in short: ({ a }), in defaults of a pattern, and inside functions")
def _(kc, km):
    run(kc, "const a = 1; let b = 2; const { c } = { c: 3 };")
    equal(run(kc, "JSON.stringify({ a, c, f: (() => ({ b }))() })").result(), "'{\"a\":1,\"c\":3,\"f\":{\"b\":2}}'")
    run(kc, "({ b = a } = {} as { b?: number });")
    equal(run(kc, "b").result(), "1")


@check("Symbol.for('Jupyter.display') makes the bundle, sync or async, with text/plain added")
def _(kc, km):
    sync = run(kc, "({ [Symbol.for('Jupyter.display')]() { return { 'text/html': '<b>1</b>' }; } })").of("execute_result")[0]["data"]
    equal(sync["text/html"], "<b>1</b>")
    assert isinstance(sync["text/plain"], str)
    code = "({ async [Symbol.for('Jupyter.display')]() { await null; return { 'image/png': new Uint8Array([1, 2, 3]), 'text/plain': 'p' }; } })"
    data = run(kc, code).of("execute_result")[0]["data"]
    equal(base64.b64decode(data["image/png"]), b"\x01\x02\x03")
    equal(data["text/plain"], "p")


@check("a display method that throws fails its cell only")
def _(kc, km):
    outcome = run(kc, "({ [Symbol.for('Jupyter.display')]() { throw new Error('no picture'); } })")
    equal(outcome.reply["status"], "error")
    equal(run(kc, "1").result(), "1")


@check("top-level await works, and the cell ends when it has finished")
def _(kc, km):
    outcome = run(kc, "const later = await new Promise<number>(r => setTimeout(() => r(7), 50)); console.log('done'); later")
    equal(outcome.text(), "done\n")
    equal(outcome.result(), "7")


@check("display, update_display_data and clear_output carry the display id")
def _(kc, km):
    outcome = run(kc, "const shown = display.raw({ 'text/plain': 'a' }); shown.update({ 'text/plain': 'b' }); display.clear(true)")
    shown, updated = outcome.of("display_data")[0], outcome.of("update_display_data")[0]
    equal(shown["transient"]["display_id"], updated["transient"]["display_id"])
    equal(updated["data"]["text/plain"], "b")
    equal(outcome.of("clear_output"), [{"wait": True}])


@check("display of any value ends a cell without a second output, and is there before the cell ends")
def _(kc, km):
    outcome = run(kc, "display({ async [Symbol.for('Jupyter.display')]() { await new Promise(r => setTimeout(r, 50)); return { 'text/html': 'slow' }; } })")
    equal(outcome.of("display_data")[0]["data"]["text/html"], "slow")
    equal(outcome.of("execute_result"), [])


@check("stdout, stderr and pictures keep their order")
def _(kc, km):
    outcome = run(kc, "console.log('1'); display.raw({ 'text/plain': '2' }); console.error('3'); console.log('4')")
    order = [m["content"].get("text", "").strip() or m["content"]["data"]["text/plain"] for m in outcome.messages if m["msg_type"] in ("stream", "display_data")]
    equal(order, ["1", "2", "3", "4"])


@check("100,000 console.log lines arrive whole and in order, in few messages")
def _(kc, km):
    run(kc, "1")
    began = time.time()
    outcome = run(kc, "for (let i = 0; i < 100_000; i++) console.log(i)")
    seconds = time.time() - began
    equal(outcome.text(), "".join(f"{i}\n" for i in range(100_000)))
    count = outcome.types().count("stream")
    assert count < 1000, f"{count} stream messages"
    return f"{seconds:.2f} s, {count} messages"


@check("output flows while a cell blocks the thread")
def _(kc, km):
    msg_id = send(kc, "for (let i = 0; i < 3; i++) { console.log(i); const end = Date.now() + 400; while (Date.now() < end) {} }")
    arrived = []
    while True:
        m = kc.get_iopub_msg(timeout=WAIT)
        if m["parent_header"].get("msg_id") != msg_id:
            continue
        if m["msg_type"] == "stream":
            arrived.append(time.time())
        if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle":
            break
    kc.get_shell_msg(timeout=WAIT)
    assert len(arrived) >= 2 and arrived[-1] - arrived[0] > 0.3, "all output came at the end"


@check("late output goes to the cell that started it")
def _(kc, km):
    first = send(kc, "setTimeout(() => console.log('late'), 400)")
    collect(kc, first)
    second = send(kc, "await new Promise(r => setTimeout(r, 800)); console.log('mine')")
    parents = {}
    while True:
        m = kc.get_iopub_msg(timeout=WAIT)
        if m["msg_type"] == "stream":
            parents[m["content"]["text"].strip()] = m["parent_header"]["msg_id"]
        if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle" and m["parent_header"]["msg_id"] == second:
            break
    kc.get_shell_msg(timeout=WAIT)
    equal(parents, {"late": first, "mine": second})


@check("text/plain of an emoji and of a long array is what util.inspect gives")
def _(kc, km):
    equal(run(kc, "'😀'").result(), "'😀'")
    contains(run(kc, "Array.from({ length: 500 }, (_, i) => i)").result(), "400 more items")


# ---------------------------------------------------------------------------------------------- errors


@check("an error has name, value and a traceback with the position as typed")
def _(kc, km):
    outcome = run(kc, "// a comment\nfunction boom(n: number) {\n  throw new RangeError('kaboom ' + n);\n}\n\nboom(3)")
    error = outcome.error()
    equal((error["ename"], error["evalue"]), ("RangeError", "kaboom 3"))
    equal({k: outcome.reply[k] for k in error}, error)
    trace = plain(error["traceback"])
    n = outcome.reply["execution_count"]
    contains(trace, f"boom (Cell[{n}]:3:9)")
    contains(trace, f"Cell[{n}]:6:1")
    contains(trace, "throw new RangeError('kaboom ' + n);")
    assert "node_modules" not in trace and "kernel" not in trace, trace


@check("frames of libraries are folded", own=True, folder="packages")
def _(kc, km):
    trace = plain(run(kc, "JSON.parse('{')\n").error()["traceback"])
    assert "node:internal" not in trace, trace
    trace = plain(run(kc, "import { deep } from 'only-exports';\ndeep(3)").error()["traceback"])
    contains(trace, "4 frames in only-exports")
    contains(trace, "]:2:")
    equal(trace.count("Cell["), 1)


@check("positions stay right after an await, in async functions and in callbacks")
def _(kc, km):
    outcome = run(kc, "const f = async () => {\n  await null;\n  throw new Error('deep');\n};\nawait f();")
    contains(plain(outcome.error()["traceback"]), f"Cell[{outcome.reply['execution_count']}]:3:9")


@check("an error's cause is shown")
def _(kc, km):
    trace = plain(run(kc, "throw new Error('outer', { cause: new Error('inner') })").error()["traceback"])
    contains(trace, "outer")
    contains(trace, "inner")


@check("a thrown value that is no error is shown")
def _(kc, km):
    error = run(kc, "throw { code: 7 }").error()
    equal((error["ename"], error["evalue"]), ("object", "{ code: 7 }"))


@check("console.log of an error shows positions as typed")
def _(kc, km):
    outcome = run(kc, "\nconsole.log(new Error('shown'))")
    contains(outcome.text(), f"Cell[{outcome.reply['execution_count']}]:2:13")


@check("a cell that throws keeps the variables it had set")
def _(kc, km):
    run(kc, "const kept: number = 5;\nconst after: number = (() => { throw new Error('stop'); })();")
    equal(run(kc, "kept + 1").result(), "6")


@check("a cell that throws leaves earlier variables of the same name alone")
def _(kc, km):
    run(kc, "let value: number = 1;")
    run(kc, "let value: string = (() => { throw new Error('stop'); })();")
    equal(run(kc, "value + 1").result(), "2")
    equal(run(kc, "const typed: number = value; typed").result(), "1")


@check("a rejected promise that nobody awaits is reported in its cell, and the kernel lives")
def _(kc, km):
    msg_id = send(kc, "void Promise.reject(new Error('nobody'));\nawait new Promise(r => setTimeout(r, 100));")
    outcome = collect(kc, msg_id)
    contains(plain([outcome.text("stderr")]), "nobody")
    contains(plain([outcome.text("stderr")]), "Cell[")
    equal(run(kc, "1").result(), "1")


@check("an error in a timer is reported in its cell, and the kernel lives")
def _(kc, km):
    outcome = run(kc, "setTimeout(() => { throw new Error('in timer'); }, 10);\nawait new Promise(r => setTimeout(r, 100));")
    contains(plain([outcome.text("stderr")]), "in timer")
    equal(run(kc, "1").result(), "1")


@check("process.exit and process.abort are refused with an explanation")
def _(kc, km):
    contains(run(kc, "process.exit(0)").error()["evalue"], "Restart kernel")
    contains(run(kc, "process.abort()").error()["evalue"], "Restart kernel")
    equal(run(kc, "1").result(), "1")


# ---------------------------------------------------------------------------------------------- types


@check("a type error stops the cell and reads like a compiler's: line, code, mark")
def _(kc, km):
    outcome = run(kc, "const fine = 1;\nconst wrong: number = 'text';")
    error = outcome.error()
    equal(error["ename"], "TypeScriptError")
    lines = plain(error["traceback"]).split("\n")
    n = outcome.reply["execution_count"]
    equal(lines[0], f"Cell[{n}]:2:7 - error TS2322: Type 'string' is not assignable to type 'number'.")
    equal(lines[1], "2 | const wrong: number = 'text';")
    equal(lines[2], "  |       ~~~~~")


@check("types live from cell to cell")
def _(kc, km):
    run(kc, "interface Cell3 { area: number }\nfunction grow(c: Cell3): Cell3 { return { area: c.area * 2 }; }\nenum Color { Red, Green }\nclass Box<T> { constructor(readonly v: T) {} }")
    equal(run(kc, "grow({ area: 2 }).area + Color.Green + new Box(1).v").result(), "6")
    contains(run(kc, "grow({ area: 'x' })").error()["evalue"], "not assignable")


@check("types that a declaration file could not name are kept all the same", own=True)
def _(kc, km):
    # 2742: a type from the depths of a package that hides its inside
    inner = os.path.join("node_modules", "deep", "inner")
    os.makedirs(inner)
    with open(os.path.join("node_modules", "deep", "package.json"), "w") as file:
        json.dump({"name": "deep", "version": "1.0.0", "exports": {".": {"types": "./index.d.ts", "default": "./index.js"}}}, file)
    with open(os.path.join("node_modules", "deep", "index.d.ts"), "w") as file:
        file.write("import type { Hidden } from './inner/hidden';\nexport declare function make(): { readonly hidden: Hidden };")
    with open(os.path.join("node_modules", "deep", "index.js"), "w") as file:
        file.write("exports.make = () => ({ hidden: { depth: 7 } });")
    with open(os.path.join(inner, "hidden.d.ts"), "w") as file:
        file.write("export interface Hidden { depth: number }")
    outcome = run(kc, "import { make } from 'deep';\nconst { hidden: found } = make();")
    assert outcome.reply["status"] == "ok", outcome.reply
    equal(run(kc, "found.depth + 1").result(), "8")


@check("export before a declaration means nothing in a cell")
def _(kc, km):
    equal(run(kc, "export const exported = 3;\nexport function plus(n: number) { return n + exported; }\nplus(1)").result(), "4")
    contains(run(kc, "export const bad: string = 1").error()["traceback"][0], ":14")


@check("the library matches the running Node")
def _(kc, km):
    major = int(run(kc, "Number(process.versions.node.split('.')[0])").result())
    outcome = run(kc, "Object.groupBy([1, 2], n => n % 2 ? 'odd' : 'even')")
    equal(outcome.reply["status"], "ok" if major >= 22 else "error")
    equal(run(kc, "[3, 1].toSorted()").reply["status"], "ok")


@check("modern syntax works: using, satisfies, decorators, const type parameters")
def _(kc, km):
    code = """class Resource { [Symbol.dispose]() { console.log('disposed'); } }
function work() { using r = new Resource(); return 'worked'; }
const s = { a: 1 } satisfies Record<string, number>;
function first<const T extends readonly unknown[]>(t: T): T[0] { return t[0]; }
work() + first([s.a] as const)"""
    outcome = run(kc, code)
    equal(outcome.result(), "'worked1'")
    equal(outcome.text(), "disposed\n")


@check("%typecheck's three modes: errors stop, warnings are shown, off says nothing", own=True, extension="checks")
def _(kc, km):
    code = "const wrong: number = 'text';\nwrong"
    equal(run(kc, code).reply["status"], "error")
    run(kc, "services.typecheck = 'warn'")
    outcome = run(kc, code)
    equal(outcome.result(), "'text'")
    contains(plain([outcome.text("stderr")]), "Cell[3]:1:7 - error TS2322")
    run(kc, "services.typecheck = 'off'")
    outcome = run(kc, code)
    equal((outcome.result(), outcome.text("stderr")), ("'text'", ""))
    equal(run(kc, "const broken = ;").reply["status"], "error")
    equal(run(kc, "await Promise.resolve(5)").result(), "5")


# ---------------------------------------------------------------------------------------------- services and transforms


@check("an extension's transform keeps positions of errors, completion and inspection", own=True, extension="checks")
def _(kc, km):
    equal(run(kc, "const n = 20;\n%twice n + 1").result(), "[ 21, 21 ]")
    contains(plain(run(kc, "const a = 1;\n%twice nothing").error()["traceback"]), "Cell[2]:2:8 - error TS2304")
    contains(plain(run(kc, "\n%twice (() => { throw new Error('x') })()").error()["traceback"]), "Cell[3]:2:23")
    code = "%twice Math.flo"
    reply = request(kc, "complete_request", {"code": code, "cursor_pos": len(code)})["content"]
    equal((reply["matches"][0], code[reply["cursor_start"] : reply["cursor_end"]]), ("floor", "flo"))
    found = request(kc, "inspect_request", {"code": "%twice Math.max(1)", "cursor_pos": 13, "detail_level": 0})["content"]
    contains(found["data"]["text/plain"], "max(")


@check("an extension completes, documents and judges completeness before TypeScript does, and formats values", own=True, extension="checks")
def _(kc, km):
    equal(request(kc, "complete_request", {"code": "%tw", "cursor_pos": 3})["content"]["matches"], ["%twice"])
    equal(request(kc, "inspect_request", {"code": "%twice", "cursor_pos": 2, "detail_level": 0})["content"]["data"], {"text/plain": "runs it twice"})
    equal(request(kc, "is_complete_request", {"code": "%%open"})["content"]["status"], "incomplete")
    data = run(kc, "new Map([[1, 2]])").of("execute_result")[0]["data"]
    equal(data["text/html"], "a map of 1")
    contains(data["text/plain"], "Map(1)")


@check("services give variables, names with types, evaluation, paging, next input and reset", own=True, extension="checks")
def _(kc, km):
    run(kc, "const area: number = 6; function grow(n: number) { return n * 2 }")
    contains(run(kc, "services.declaredNames().map((d: any) => d.name + ': ' + d.type).join('; ')").result(), "area: number; grow: (n: number) => number")
    equal(run(kc, "services.variables.area + Object.keys(services.variables).length").result(), "8")
    run(kc, "services.variables.given = 'g'")
    equal(run(kc, "given + 'one'").result(), "'gone'")
    equal(run(kc, "await services.evaluate('const inner = area + 1; inner * 2')").result(), "14")
    equal(run(kc, "inner").result(), "7")
    contains(run(kc, "try { await services.evaluate('nonsense(') } catch (e) { (e as Error).name }; await services.evaluate('1')").reply["status"], "ok")
    payload = run(kc, "services.page({ 'text/plain': 'p' }); services.setNextInput('next', true)").reply["payload"]
    equal([p["source"] for p in payload], ["page", "set_next_input"])
    equal(payload[1]["text"], "next")
    contains(run(kc, "(await services.history({ search: 'const area*' }))[0].input").result(), "const area")
    run(kc, "services.reset()")
    contains(run(kc, "area").error()["evalue"], "Cannot find name 'area'")
    equal(run(kc, "typeof services.workingFolder + services.executionCount").reply["status"], "ok")


# ---------------------------------------------------------------------------------------------- modules


@check("packages with only exports, only ES modules and top-level await load, with types", own=True, folder="packages")
def _(kc, km):
    equal(run(kc, "import { three } from 'only-exports'; import { four } from 'only-exports/sub'; three + four").result(), "7")
    equal(run(kc, "import five, { six } from 'only-esm'; five + six").result(), "11")
    equal(run(kc, "import { seven } from 'await-esm'; seven").result(), "7")
    contains(run(kc, "const s: string = three").error()["evalue"], "not assignable")
    equal(run(kc, "const { eight } = await import('await-esm'); eight").result(), "8")
    equal(run(kc, "import data from './data.json'; data.answer").result(), "42")


@check("local TypeScript loads from the notebook's folder and above, and again after a change", own=True, folder="local/notebooks")
def _(kc, km):
    equal(run(kc, "import { here } from './here'; import { above } from '../above'; here + above").result(), "3")
    equal(run(kc, "import { alias } from '@/above'; alias").result(), "9")
    trace = plain(run(kc, "import { fail } from '../above';\nfail()").error()["traceback"])
    contains(trace, "above.ts:3:")
    with open("here.ts", "w") as f:
        f.write("export const here: number = 100;\n")
    time.sleep(0.7)
    equal(run(kc, "import { here } from './here'; here").result(), "100")


@check("a nearby tsconfig.json's options are honoured", own=True, folder="strict")
def _(kc, km):
    contains(run(kc, "function f(x) { return x }").error()["evalue"], "implicitly has an 'any' type")
    contains(run(kc, "let s: string = null").error()["evalue"], "not assignable")


@check("a package installed after a failed import is found", own=True, folder="empty")
def _(kc, km):
    contains(run(kc, "import { nine } from 'new-package'; nine").error()["evalue"], "new-package")
    os.makedirs("node_modules/new-package")
    with open("node_modules/new-package/package.json", "w") as f:
        f.write('{"name":"new-package","version":"1.0.0","main":"index.js","types":"index.d.ts"}')
    with open("node_modules/new-package/index.js", "w") as f:
        f.write("exports.nine = 9")
    with open("node_modules/new-package/index.d.ts", "w") as f:
        f.write("export declare const nine: number;")
    equal(run(kc, "import { nine } from 'new-package'; nine").result(), "9")


@check("our library is importable from any folder, with types, documentation and completion", own=True, folder="empty")
def _(kc, km):
    equal(run(kc, "import { describeCell } from 'live-cell-histology'; describeCell(3)").result(), "'cell 3'")
    contains(run(kc, "describeCell('three')").error()["evalue"], "not assignable")
    found = request(kc, "inspect_request", {"code": "describeCell(1)", "cursor_pos": 4, "detail_level": 0})["content"]
    contains(found["data"]["text/markdown"], "Says which cell it is")
    contains(found["data"]["text/markdown"], "*@param* `index`")
    code = "import { desc } from 'live-cell-histology'"
    matches = request(kc, "complete_request", {"code": code, "cursor_pos": 13})["content"]["matches"]
    assert "describeCell" in matches, matches


@check("a module cell (@module) is importable from later cells", own=True)
def _(kc, km):
    equal(run(kc, "/** @module helper */\nexport const helped = 11;").reply["status"], "ok")
    equal(run(kc, "import { helped } from './helper'; helped").result(), "11")


# ---------------------------------------------------------------------------------------------- completion and inspection


@check("completion counts cursor positions in code points, names kinds, and replaces the right range")
def _(kc, km):
    code = "const s😀 = 1".replace("s😀", "s") + "; /* 😀😀 */ Math.fro"
    reply = request(kc, "complete_request", {"code": code, "cursor_pos": len(code)})["content"]
    assert "fround" in reply["matches"], reply["matches"][:5]
    equal(code[reply["cursor_start"] : reply["cursor_end"]], "fro")
    kinds = {m["text"]: m["type"] for m in reply["metadata"]["_jupyter_types_experimental"]}
    equal(kinds["fround"], "method")


@check("variables of earlier cells complete and are documented")
def _(kc, km):
    run(kc, "/** Mean of the areas. */\nfunction meanArea(areas: number[]): number { return areas.length; }")
    matches = request(kc, "complete_request", {"code": "meanA", "cursor_pos": 5})["content"]["matches"]
    equal(matches[0], "meanArea")
    found = request(kc, "inspect_request", {"code": "meanArea([1])", "cursor_pos": 3, "detail_level": 0})["content"]
    contains(found["data"]["text/plain"], "function meanArea(areas: number[]): number")
    inside = request(kc, "inspect_request", {"code": "Math.atan2(1, )", "cursor_pos": 14, "detail_level": 0})["content"]
    contains(inside["data"]["text/plain"], "atan2")


@check("inspection of nothing is found: false")
def _(kc, km):
    equal(request(kc, "inspect_request", {"code": "   ", "cursor_pos": 1, "detail_level": 0})["content"]["found"], False)


@check("completion and comms are served while a cell awaits")
def _(kc, km):
    msg_id = send(kc, "await new Promise(() => {})")
    time.sleep(0.2)
    assert "floor" in request(kc, "complete_request", {"code": "Math.flo", "cursor_pos": 8})["content"]["matches"]
    km.interrupt_kernel()
    collect(kc, msg_id)


@check("is_complete gives the next line's indent")
def _(kc, km):
    equal(request(kc, "is_complete_request", {"code": "for (const x of [1]) {"})["content"], {"status": "incomplete", "indent": "  "})


# ---------------------------------------------------------------------------------------------- execute options


@check("silent cells publish nothing, count nothing and are not stored")
def _(kc, km):
    before = run(kc, "1").reply["execution_count"]
    outcome = run(kc, "console.log('x'); 5", silent=True)
    equal([t for t in outcome.types() if t != "status"], [])
    equal(outcome.reply["status"], "ok")
    equal(run(kc, "1").reply["execution_count"], before + 1)


@check("store_history: false does not count")
def _(kc, km):
    before = run(kc, "1").reply["execution_count"]
    run(kc, "2", store_history=False)
    equal(run(kc, "1").reply["execution_count"], before + 1)


@check("user_expressions are evaluated, with errors of their own")
def _(kc, km):
    run(kc, "const five = 5")
    outcome = run(kc, "", user_expressions={"a": "five * 2", "b": "nothingHere"})
    equal(outcome.reply["user_expressions"]["a"]["data"]["text/plain"], "10")
    equal(outcome.reply["user_expressions"]["b"]["status"], "error")
    equal(outcome.reply["status"], "ok")


@check("stop_on_error aborts the cells that wait, and only those")
def _(kc, km):
    ids = [send(kc, "throw new Error('first')"), send(kc, "console.log('second')"), send(kc, "console.log('third')")]
    replies = {}
    while len(replies) < 3:
        m = kc.get_shell_msg(timeout=WAIT)
        replies[m["parent_header"]["msg_id"]] = m["content"]["status"]
    equal([replies[i] for i in ids], ["error", "aborted", "aborted"])
    equal(run(kc, "1").result(), "1")


@check("stop_on_error: false lets the next cell run")
def _(kc, km):
    ids = [send(kc, "throw new Error('first')", stop_on_error=False), send(kc, "2")]
    replies = {}
    while len(replies) < 2:
        m = kc.get_shell_msg(timeout=WAIT)
        replies[m["parent_header"]["msg_id"]] = m["content"]["status"]
    equal([replies[i] for i in ids], ["error", "ok"])


@check("a page is a payload of the reply")
def _(kc, km):
    payload = run(kc, "Math.max?").reply["payload"]
    equal(payload[0]["source"], "page")
    contains(payload[0]["data"]["text/plain"], "max(...values: number[]): number")


# ---------------------------------------------------------------------------------------------- history


@check("history gives ranges, tails and searches, with outputs, and keeps earlier sessions on disk", own=True)
def _(kc, km):
    run(kc, "const h = 1")
    run(kc, "h + 41")
    ask = lambda **c: request(kc, "history_request", {"raw": True, "output": False, **c})["content"]["history"]
    equal([row[2] for row in ask(hist_access_type="range", session=0, start=1, stop=3)], ["const h = 1", "h + 41"])
    equal(ask(hist_access_type="tail", n=1, output=True)[0][2], ["h + 41", "42"])
    equal([row[2] for row in ask(hist_access_type="search", pattern="h*41")], ["h + 41"])
    session = ask(hist_access_type="tail", n=1)[0][0]
    time.sleep(0.2)
    km.restart_kernel(now=False)
    kc.wait_for_ready(timeout=WAIT)
    run(kc, "const again = 2")
    rows = ask(hist_access_type="tail", n=10)
    equal([row[2] for row in rows][-3:], ["const h = 1", "h + 41", "const again = 2"])
    assert rows[-1][0] > session
    equal([row[2] for row in ask(hist_access_type="range", session=-1)], ["const h = 1", "h + 41"])
    for name in glob.glob(os.environ["LCH_HISTORY"] + "/*.jsonl"):
        equal(stat.S_IMODE(os.stat(name).st_mode), 0o600)


# ---------------------------------------------------------------------------------------------- input


def answer(kc, text, password=None):
    asked = kc.get_stdin_msg(timeout=WAIT)
    equal(asked["msg_type"], "input_request")
    if password is not None:
        equal(asked["content"]["password"], password)
    kc.input(text)
    return asked["content"]["prompt"]


@check("await input() and prompt() ask the front end, with passwords")
def _(kc, km):
    msg_id = send(kc, "const n = await input('Name? '); n.toUpperCase()", allow_stdin=True)
    equal(answer(kc, "ada", False), "Name? ")
    equal(collect(kc, msg_id).result(), "'ADA'")
    msg_id = send(kc, "await input('Secret? ', { password: true })", allow_stdin=True)
    answer(kc, "x", True)
    equal(collect(kc, msg_id).result(), "'x'")
    msg_id = send(kc, "console.log('before'); const c = prompt('Cells? 😀'); c + c.length", allow_stdin=True)
    equal(answer(kc, "zwölf"), "Cells? 😀")
    outcome = collect(kc, msg_id)
    equal((outcome.text(), outcome.result()), ("before\n", "'zwölf5'"))


@check("asking a front end that cannot answer is an error")
def _(kc, km):
    contains(run(kc, "await input('x')", allow_stdin=False).error()["evalue"], "cannot ask for input")


# ---------------------------------------------------------------------------------------------- comms


@check("comms open from the front end to an unknown target are closed, and comm_info is empty")
def _(kc, km):
    kc.shell_channel.send(kc.session.msg("comm_open", {"comm_id": "nobody", "target_name": "nothing", "data": {}}))
    while True:
        m = kc.get_iopub_msg(timeout=WAIT)
        if m["msg_type"] == "comm_close":
            equal(m["content"]["comm_id"], "nobody")
            break
    equal(request(kc, "comm_info_request", {})["content"]["comms"], {})


@check("comms carry data and binary buffers both ways, answer the message they handle, and are listed", own=True, extension="checks")
def _(kc, km):
    outcome = run(kc, "openEcho()")
    opened = [m for m in outcome.messages if m["msg_type"] == "comm_open"][0]
    comm_id = opened["content"]["comm_id"]
    equal(opened["content"]["target_name"], "echo")
    equal(bytes(opened["buffers"][0]), b"\x01\x02")
    equal(request(kc, "comm_info_request", {"target_name": "echo"})["content"]["comms"], {comm_id: {"target_name": "echo"}})
    big = bytes(range(256)) * 1000
    message = kc.session.msg("comm_msg", {"comm_id": comm_id, "data": {"question": 6}})
    kc.session.send(kc.shell_channel.socket, message, buffers=[big, b"second"])
    texts = {}
    while True:
        m = kc.get_iopub_msg(timeout=WAIT)
        if m["msg_type"] == "stream":
            texts[m["content"]["text"]] = m["parent_header"]["msg_id"]
        if m["msg_type"] == "comm_msg":
            equal(m["content"]["data"], {"answer": 42})
            equal(m["parent_header"]["msg_id"], message["header"]["msg_id"])
            equal([bytes(b) for b in m["buffers"]], [big[::-1], b"second"[::-1]])
        if m["msg_type"] == "status" and m["content"]["execution_state"] == "idle" and m["parent_header"].get("msg_id") == message["header"]["msg_id"]:
            break
    equal(texts, {"heard\n": opened["parent_header"]["msg_id"]})
    kc.shell_channel.send(kc.session.msg("comm_close", {"comm_id": comm_id, "data": {}}))
    assert until(lambda: request(kc, "comm_info_request", {})["content"]["comms"] == {})


# ---------------------------------------------------------------------------------------------- interrupt, shutdown


def interrupted(kc, km, code, wait=0.7, **options):
    run(kc, "1")
    msg_id = send(kc, code, **options)
    time.sleep(wait)
    began = time.time()
    km.interrupt_kernel()
    outcome = collect(kc, msg_id, timeout=10)
    seconds = time.time() - began
    equal(outcome.error()["ename"], "Interrupted")
    equal(run(kc, "1 + 1").result(), "2")
    return f"{seconds * 1000:.0f} ms"


@check("interrupt stops a synchronous loop within a second, the kernel lives")
def _(kc, km):
    return interrupted(kc, km, "while (true) {}")


@check("interrupt stops a loop that catches everything")
def _(kc, km):
    return interrupted(kc, km, "while (true) { try { while (true) {} } catch {} }")


@check("interrupt stops synchronous library code")
def _(kc, km):
    return interrupted(kc, km, "new Function('for (;;) {}')()")


@check("interrupt stops a pending await")
def _(kc, km):
    return interrupted(kc, km, "await new Promise(() => {})")


@check("interrupt stops a loop after an await")
def _(kc, km):
    return interrupted(kc, km, "await null;\nfor (;;) {}")


@check("interrupt stops a loop of awaits that the cell would leave behind")
def _(kc, km):
    interrupted(kc, km, "let rounds = 0;\nwhile (true) { await new Promise(r => setTimeout(r, 20)); rounds++; }")
    time.sleep(0.3)
    before = int(run(kc, "rounds").result())
    time.sleep(0.4)
    equal(int(run(kc, "rounds").result()), before)


@check("interrupt stops a blocking prompt()")
def _(kc, km):
    result = interrupted(kc, km, "prompt('never answered')", allow_stdin=True)
    kc.get_stdin_msg(timeout=5)
    return result


@check("interrupt stops a waiting input()")
def _(kc, km):
    result = interrupted(kc, km, "await input('never answered')", allow_stdin=True)
    kc.get_stdin_msg(timeout=5)
    return result


@check("interrupt aborts the signal that long work watches", own=True, extension="checks")
def _(kc, km):
    return interrupted(kc, km, "await watchSignal()")


@check("an interrupt of an idle kernel changes nothing")
def _(kc, km):
    run(kc, "const before = 1")
    km.interrupt_kernel()
    time.sleep(0.3)
    equal(run(kc, "let n = 0; for (let i = 0; i < 10; i++) n += before; n").result(), "10")


@check("restart gives an empty kernel on the same connection", own=True)
def _(kc, km):
    run(kc, "const gone = 1")
    km.restart_kernel(now=False)
    kc.wait_for_ready(timeout=WAIT)
    contains(run(kc, "gone").error()["evalue"], "Cannot find name 'gone'")
    equal(run(kc, "1").reply["execution_count"], 2)


@check("shutdown ends the process in good order", own=True)
def _(kc, km):
    process = km.provisioner.process
    kc.shutdown()
    assert until(lambda: process.poll() is not None, 5), "it still runs"
    equal(process.returncode, 0)


@check("shutdown ends a kernel that sits in a loop", own=True)
def _(kc, km):
    run(kc, "1")
    send(kc, "while (true) {}")
    time.sleep(0.5)
    process = km.provisioner.process
    kc.shutdown()
    assert until(lambda: process.poll() is not None, 5), "it still runs"


@check("a kernel whose parent process dies ends by itself, even in a loop", own=True)
def _(kc, km):
    code = (
        "import subprocess, sys, os, json, time\n"
        "from jupyter_client.manager import start_new_kernel\n"
        "km, kc = start_new_kernel(kernel_name=os.environ['KERNEL_NAME'])\n"
        "kc.execute('while (true) {}')\n"
        "print(km.provisioner.process.pid, flush=True)\n"
        "time.sleep(1); os.kill(os.getpid(), 9)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pid = int(parent.stdout.readline())
    parent.wait()

    def gone():
        try:
            with open(f"/proc/{pid}/stat") as f:
                return f.read().split()[2] == "Z"
        except FileNotFoundError:
            return True

    assert until(gone, 8), f"{pid} still runs"


@check("a full heap is explained by the kernel that follows", own=True, env={"NODE_OPTIONS": "--max-old-space-size=160"})
def _(kc, km):
    send(kc, "const full: unknown[] = []; while (true) full.push(new Array(1000).fill({}));")
    process = km.provisioner.process
    assert until(lambda: process.poll() is not None, 60), "the heap did not fill"
    km.restart_kernel(now=True)
    kc.wait_for_ready(timeout=WAIT)
    first = run(kc, "1 + 1")
    contains(first.text("stderr"), "ran out of heap memory")
    contains(first.text("stderr"), "Cell[1]")
    equal(first.result(), "2")
    equal(run(kc, "1").text("stderr"), "")


# ---------------------------------------------------------------------------------------------- security


def raw_message(kc, key, code, channel="shell", signature=None):
    """Sends an execute_request with a signature of our making; returns its frames."""
    header = {"msg_id": os.urandom(8).hex(), "msg_type": "execute_request", "session": "x", "username": "x", "date": "2026-01-01T00:00:00Z", "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}
    parts = [json.dumps(p).encode() for p in (header, {}, {}, content)]
    if signature is None:
        h = hmac.new(key, digestmod=hashlib.sha256)
        for p in parts:
            h.update(p)
        signature = h.hexdigest().encode()
    frames = [b"<IDS|MSG>", signature, *parts]
    with open(km_of(kc)) as f:
        connection = json.load(f)
    socket = zmq.Context.instance().socket(zmq.DEALER)
    socket.connect(f"tcp://{connection['ip']}:{connection[channel + '_port']}")
    socket.send_multipart(frames)
    return socket, frames


def km_of(kc):
    return kc.connection_file


@check("messages without, with a wrong or with a used signature are dropped and counted, never run", own=True, log=True)
def _(kc, km):
    run(kc, "let attacks = 0")
    key = kc.session.key
    sockets = [raw_message(kc, b"wrong key", "attacks++")[0], raw_message(kc, key, "attacks++", signature=b"")[0]]
    good, frames = raw_message(kc, key, "attacks += 100")
    time.sleep(0.5)
    good.send_multipart(frames)
    sockets += [good, raw_message(kc, b"wrong key", "1", channel="control")[0]]
    broken = zmq.Context.instance().socket(zmq.DEALER)
    with open(kc.connection_file) as f:
        connection = json.load(f)
    broken.connect(f"tcp://127.0.0.1:{connection['shell_port']}")
    broken.send_multipart([b"garbage"])
    broken.send_multipart([b"<IDS|MSG>", b"x", b"{", b"{", b"{", b"{"])
    time.sleep(0.7)
    equal(run(kc, "attacks").result(), "100")
    for socket in [*sockets, broken]:
        socket.close(0)
    with open(km.log_path) as f:
        log = f.read()
    contains(log, "(signature)")
    contains(log, "(replay)")
    contains(log, "(malformed)")
    contains(log, "6 in all")


def start_with(connection, **env):
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "kernel.json")
    with open(path, "w") as f:
        json.dump(connection, f)
    os.chmod(path, 0o644)
    with open(os.path.join(os.environ["JUPYTER_PATH"].split(":")[0], "kernels", NAME, "kernel.json")) as f:
        argv = [path if a == "{connection_file}" else a for a in json.load(f)["argv"]]
    process = subprocess.Popen(argv, stderr=subprocess.PIPE, text=True, env={**os.environ, **env})
    try:
        _, error = process.communicate(timeout=4)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGTERM)
        _, error = process.communicate(timeout=10)
        return path, None, error
    return path, process.returncode, error


def free_ports():
    from jupyter_client.connect import write_connection_file

    path, connection = write_connection_file(os.path.join(tempfile.mkdtemp(), "c.json"))
    return {**connection, "key": "secret"}


@check("a connection file that others can read is made private", own=True)
def _(kc, km):
    path, code, error = start_with(free_ports())
    equal(code, None)
    equal(stat.S_IMODE(os.stat(path).st_mode), 0o600)


@check("an address beyond this machine, an empty key and a broken file are refused in one line", own=True)
def _(kc, km):
    for change, words in [({"ip": "0.0.0.0"}, "this machine only"), ({"key": ""}, "signed messages only"), ({"shell_port": "x"}, "lacks shell_port")]:
        _, code, error = start_with({**free_ports(), **change})
        equal(code, 1)
        contains(error, words)
        equal(error.strip().count("\n"), 0)


# ---------------------------------------------------------------------------------------------- running


def fixture_folder(name):
    """A fresh folder with the modules that a check imports."""
    root = tempfile.mkdtemp()
    folder = os.path.join(root, name)
    os.makedirs(folder)

    def write(path, text):
        path = os.path.join(root, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)

    if name == "packages":
        p = "packages/node_modules/"
        write(p + "only-exports/package.json", '{"name":"only-exports","version":"1.0.0","exports":{".":{"types":"./a.d.ts","default":"./a.js"},"./sub":{"types":"./b.d.ts","default":"./b.js"}}}')
        write(p + "only-exports/a.js", "exports.three = 3; exports.deep = function deep(n) { if (n === 0) throw new Error('deep'); return exports.deep(n - 1) + 1; }")
        write(p + "only-exports/a.d.ts", "export declare const three: number; export declare function deep(n: number): number;")
        write(p + "only-exports/b.js", "exports.four = 4")
        write(p + "only-exports/b.d.ts", "export declare const four: number;")
        write(p + "only-esm/package.json", '{"name":"only-esm","version":"1.0.0","type":"module","exports":{"types":"./a.d.ts","import":"./a.js"}}')
        write(p + "only-esm/a.js", "export default 5; export const six = 6;")
        write(p + "only-esm/a.d.ts", "declare const five: number; export default five; export declare const six: number;")
        write(p + "await-esm/package.json", '{"name":"await-esm","version":"1.0.0","type":"module","main":"a.js","types":"a.d.ts"}')
        write(p + "await-esm/a.js", "export const seven = await 7; export const eight = 8;")
        write(p + "await-esm/a.d.ts", "export declare const seven: number; export declare const eight: number;")
        write("packages/data.json", '{"answer": 42}')
    if name == "local/notebooks":
        write("local/notebooks/here.ts", "export const here: number = 1;\n")
        write("local/above.ts", "export const above = 2;\nexport function fail(): never {\n  throw new Error('from above');\n}\nexport const alias = 9;\n")
        write("local/tsconfig.json", '{"compilerOptions":{"baseUrl":".","paths":{"@/*":["./*"]}}}')
    if name == "strict":
        write("tsconfig.json", '{"compilerOptions":{"strict":true,"noUnusedLocals":true,"module":"amd","outDir":"x"}}')
    return folder


class Kernels:
    """One kernel for all checks that do not ask for their own."""

    def __init__(self):
        self.shared = None

    def get(self, options):
        if not options.get("own"):
            if self.shared is None:
                self.shared = self.start({})
            return self.shared
        return self.start(options)

    def start(self, options):
        env = {**os.environ, **options.get("env", {})}
        if options.get("extension") is None:
            env["LCH_EXTENSION"] = "off"
        else:
            env["LCH_EXTENSION"] = os.path.join(os.path.dirname(os.path.abspath(__file__)), f"{options['extension']}-extension.js")
        here = os.getcwd()
        folder = fixture_folder(options.get("folder", "empty"))
        os.chdir(folder)
        manager = KernelManager(kernel_name=NAME)
        keywords = {}
        if options.get("log"):
            manager.log_path = os.path.join(folder, "kernel.log")
            keywords["stderr"] = open(manager.log_path, "w")
        manager.start_kernel(cwd=folder, env=env, **keywords)
        client = manager.client()
        client.start_channels()
        client.wait_for_ready(timeout=WAIT)
        client.allow_stdin = False
        return client, manager, here


def main():
    words = sys.argv[1:]
    kernels = Kernels()
    here = os.getcwd()
    for title, options, function in CHECKS:
        if words and not any(w in title for w in words):
            continue
        detail, outcome = "", "passed"
        started = None
        try:
            started = kernels.get(options)
            detail = function(started[0], started[1]) or ""
        except Exception:
            outcome, detail = "failed", traceback.format_exc()
            if not options.get("own"):
                kernels.shared = None
        finally:
            os.chdir(here)
            if started and (options.get("own") or outcome == "failed"):
                started[0].stop_channels()
                started[1].shutdown_kernel(now=True)
        print(json.dumps({"name": title, "outcome": outcome, "detail": detail}), flush=True)
    if kernels.shared:
        kernels.shared[0].stop_channels()
        kernels.shared[1].shutdown_kernel(now=True)


if __name__ == "__main__":
    main()
