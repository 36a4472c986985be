"""Checks of displays, progress and widgets through jupyter_client: one line of JSON per check on stdout.

    KERNEL_NAME=lch JUPYTER_PATH=... python live.py [word ...]     only checks whose name contains a word
"""
import json
import os
import sys
import time
import traceback

from jupyter_client.manager import start_new_kernel

WAIT = 60
CHECKS = []
VIEW = "application/vnd.jupyter.widget-view+json"


def check(title):
    def register(function):
        CHECKS.append((title, function))
        return function

    return register


class Notebook:
    """A kernel's client that keeps what comes, as a front end does."""

    def __init__(self, client):
        self.client = client

    def send(self, code):
        return self.client.execute(code, store_history=True)

    def until(self, done, messages=None, wait=WAIT):
        """Messages up to the one for which `done(message)` holds."""
        messages = [] if messages is None else messages
        end = time.time() + wait
        while time.time() < end:
            message = self.client.get_iopub_msg(timeout=max(0.1, end - time.time()))
            messages.append(message)
            if done(message):
                return messages
        raise TimeoutError("the message did not come")

    def run(self, code):
        sent = self.send(code)
        messages = self.until(lambda m: is_idle(m, sent))
        reply = self.reply(sent)
        assert reply["content"]["status"] == "ok", "\n".join(reply["content"]["traceback"])
        return messages

    def reply(self, sent):
        """The reply to a request; on a busy machine late ones to kernel_info come before it."""
        while True:
            reply = self.client.get_shell_msg(timeout=WAIT)
            if reply["parent_header"].get("msg_id") == sent:
                return reply

    def comm(self, comm_id, data, wait=True):
        """Sends a comm message, as the browser does."""
        message = self.client.session.msg("comm_msg", {"comm_id": comm_id, "data": data})
        self.client.shell_channel.send(message)
        return self.until(lambda m: is_idle(m, message["header"]["msg_id"])) if wait else message["header"]["msg_id"]

    def move(self, comm_id, value, wait=True):
        return self.comm(comm_id, {"method": "update", "state": {"value": value}, "buffer_paths": []}, wait)


def is_idle(message, sent):
    return (
        message["msg_type"] == "status"
        and message["content"]["execution_state"] == "idle"
        and message["parent_header"].get("msg_id") == sent
    )


def of(messages, kind):
    return [m["content"] for m in messages if m["msg_type"] == kind]


def text(messages):
    return "".join(c["text"] for c in of(messages, "stream"))


def result(messages):
    return of(messages, "execute_result")[0]["data"]


def opened(messages):
    return [m for m in messages if m["msg_type"] == "comm_open"]


@check("a table is shown with hostile text as text")
def table(nb):
    bundle = result(
        nb.run(
            "import { loadArquero } from 'live-cell-histology';\n"
            "const aq = await loadArquero();\n"
            "aq.table({ path: ['<img src=x onerror=alert(1)>'], z1: [0.5] })"
        )
    )
    assert "&lt;img src=x onerror=alert(1)&gt;" in bundle["text/html"], bundle
    assert "<img" not in bundle["text/html"]
    assert "1 rows" in bundle["text/plain"], bundle


@check("an object with a display method of its own shows itself, sync or async")
def own(nb):
    assert result(nb.run("({ [Symbol.for('Jupyter.display')]: async () => ({ 'text/html': '<b>me</b>' }) })"))["text/html"] == "<b>me</b>"
    assert result(nb.run("({ [Symbol.for('Jupyter.display')]: () => ({ 'text/plain': 'me' }) })"))["text/plain"] == "me"


@check("an error value shows its place in the cell and no path")
def error_value(nb):
    bundle = result(nb.run("function boom() {\n  return new Error('kaboom');\n}\nboom()"))
    assert ":2:10" in bundle["text/plain"] and "/" not in bundle["text/plain"], bundle


@check("progress moves in place, and a rerun stores the same")
def progress(nb):
    code = "for (const n of progress.over([1, 2, 3], 'rounds')) {\n  for (const m of progress.over('abcd', 'letters')) await new Promise(r => setTimeout(r, 30));\n}"
    ends = []
    for _ in range(2):
        messages = nb.run(code)
        (shown,) = of(messages, "display_data")
        updates = of(messages, "update_display_data")
        assert len(updates) >= 3, len(updates)
        assert {u["transient"]["display_id"] for u in updates} == {shown["transient"]["display_id"]}
        assert any("left" in u["data"]["text/plain"] for u in updates)
        ends.append(updates[-1]["data"])
    assert ends[0] == ends[1], ends
    assert ends[0]["text/plain"] == "rounds: done: 3 of 3\n  letters: done: 4 of 4", ends[0]


@check("a cell that fails leaves its bar where it stood, without times")
def failed_progress(nb):
    sent = nb.send("progress.start('encode', 100, 'cells'); progress.update(40);\nthrow new Error('no')")
    messages = nb.until(lambda m: is_idle(m, sent))
    nb.reply(sent)
    assert of(messages, "update_display_data")[-1]["data"]["text/plain"] == "encode: stopped at 40 of 100 cells"


@check("a library call reports to its cell by itself")
def library_progress(nb):
    messages = nb.run(
        "import { loadBackend, decodeDescriptors, encodeCells, buildAutoencoder, seededRandom, tf } from 'live-cell-histology';\n"
        "await loadBackend();\n"
        "const model = buildAutoencoder({ imageSize: 64, channels: [4, 4, 4, 4, 4, 4], latentDims: 3, adversaryWidths: [8, 8, 8] }, seededRandom(1));\n"
        "const z = await encodeCells(model, new Float32Array(5 * 64 * 64)); z.length"
    )
    assert result(messages)["text/plain"] == "15"
    assert "done: 5 cells" in of(messages, "update_display_data")[-1]["data"]["text/plain"], of(messages, "update_display_data")
    assert result(nb.run("model"))["text/plain"].startswith("Autoencoder: 64 × 64 pixels to 3 features")
    assert result(nb.run("tf.zeros([16, 16])"))["text/plain"].startswith("Tensor [16, 16] float32: 0, 0")


@check("a slider opens when it is shown, follows the browser, and tells it what it took")
def slider(nb):
    messages = nb.run(
        "const s = slider({ label: 'shift', min: -3, max: 3, step: 0.5, value: 1 });\n"
        "s.onChange(v => console.log('moved to', v));\n"
        "const typed: number = s.value;"
    )
    assert not opened(messages)
    messages = nb.run("s")
    (comm,) = opened(messages)
    assert comm["content"]["target_name"] == "jupyter.widget" and comm["metadata"]["version"] == "2.1.0"
    state = comm["content"]["data"]["state"]
    assert (state["_model_module"], state["_model_name"], state["value"]) == ("anywidget", "AnyModel", 1)
    bundle = result(messages)
    assert bundle[VIEW]["model_id"] == comm["content"]["comm_id"]
    assert bundle["text/plain"] == 'slider "shift": 1.0' and bundle["text/html"] == "<p>shift: 1.0</p>"
    comm_id = comm["content"]["comm_id"]
    messages = nb.move(comm_id, 2.5)
    assert text(messages) == "moved to 2.5\n", text(messages)
    assert of(messages, "comm_msg")[0]["data"]["method"] == "echo_update"
    assert result(nb.run("s.value"))["text/plain"] == "2.5"
    for nonsense in ["2", None, {"a": 1}]:
        assert text(nb.move(comm_id, nonsense)) == ""
    assert text(nb.move(comm_id, 99)) == "moved to 3\n"
    messages = nb.run("s.value = -1.2; s.value")
    assert of(messages, "comm_msg")[0]["data"]["state"] == {"value": -1}
    assert result(messages)["text/plain"] == "-1"
    messages = nb.comm(comm_id, {"method": "request_state"})
    state = of(messages, "comm_msg")[0]["data"]["state"]
    assert state["value"] == -1 and "_esm" in state


@check("drop-downs give their own values, check boxes booleans, buttons clicks")
def others(nb):
    messages = nb.run(
        "const d = dropdown({ label: 'tumor', options: ['m405', 'm481'] }); const t: 'm405' | 'm481' = d.value;\n"
        "const c = checkbox({ label: '<i>' }); const b = button('again').onClick(() => console.log('clicked'));\n"
        "d.onChange(v => console.log(v)); c.onChange(v => console.log(v)); display(d); display(c); display(b);"
    )
    ids = [m["content"]["comm_id"] for m in opened(messages)]
    assert text(nb.move(ids[0], 1)) == "m481\n"
    assert text(nb.move(ids[0], 7)) == ""
    assert text(nb.move(ids[1], True)) == "true\n"
    assert text(nb.comm(ids[2], {"method": "custom", "content": {"event": "click"}})) == "clicked\n"
    assert "&lt;i&gt;" in of(messages, "display_data")[1]["data"]["text/html"]


@check("an image travels as bytes beside the message")
def picture(nb):
    messages = nb.run(
        "const png = Buffer.from('89504e470d0a1a0a0000000d4948445200000005', 'hex');\nconst shown = image(png, 'cell'); shown"
    )
    (comm,) = opened(messages)
    assert comm["content"]["data"]["buffer_paths"] == [["value"]]
    assert bytes(comm["buffers"][0]).startswith(b"\x89PNG")
    assert result(messages)["image/png"].startswith("iVBORw0KGgo")
    messages = nb.run("shown.value = Buffer.from('ffd8ff000000000000000000', 'hex');")
    updates = [m for m in messages if m["msg_type"] == "comm_msg"]
    assert bytes(updates[-1]["buffers"][0])[:3] == b"\xff\xd8\xff"
    assert updates[0]["content"]["data"]["state"] == {"mime": "image/jpeg"}


@check("a control is heard while a cell awaits")
def busy(nb):
    (comm,) = opened(nb.run("const stop = checkbox(); stop"))
    sent = nb.send("while (!stop.value) await new Promise(r => setTimeout(r, 10));\n'stopped'")
    nb.until(lambda m: m["msg_type"] == "execute_input")
    time.sleep(0.2)
    nb.move(comm["content"]["comm_id"], True, wait=False)
    messages = nb.until(lambda m: is_idle(m, sent))
    nb.reply(sent)
    assert result(messages)["text/plain"] == "'stopped'"


@check("interact draws at once and after every change, the latest only while it draws")
def interact(nb):
    messages = nb.run(
        "let draws = 0;\n"
        "await interact({ shift: slider({ min: 0, max: 100, step: 1, value: 0 }) }, async ({ shift }) => {\n"
        "  draws++; await new Promise(r => setTimeout(r, 100));\n"
        "  if (shift === 13) throw new Error('unlucky');\n"
        "  return 'shift ' + shift.toFixed(1);\n});"
    )
    (comm,) = opened(messages)
    comm_id = comm["content"]["comm_id"]
    assert comm["content"]["data"]["state"]["label"] == "shift"
    shown = of(messages, "display_data")[-1]
    assert shown["data"]["text/plain"] == "'shift 0.0'"
    for value in range(1, 21):
        nb.move(comm_id, value, wait=False)
    messages = nb.until(
        lambda m: m["msg_type"] == "update_display_data" and "20.0" in m["content"]["data"]["text/plain"]
    )
    assert of(messages, "update_display_data")[-1]["transient"] == shown["transient"]
    assert int(result(nb.run("draws"))["text/plain"]) <= 4
    messages = nb.move(comm_id, 13)
    assert "unlucky" in of(messages, "update_display_data")[-1]["data"]["text/plain"]
    assert "21.0" in of(nb.move(comm_id, 21), "update_display_data")[-1]["data"]["text/plain"]


@check("interact with frames needs no kernel afterwards")
def frames(nb):
    messages = nb.run(
        "const chart = (x: number) => ({ $schema: 'https://vega.github.io/schema/vega-lite/v5.json', data: { values: [{ x }] }, mark: 'point', encoding: { x: { field: 'x', type: 'quantitative' } } });\n"
        "await interact({ '</script><b>': slider({ min: 0, max: 1 }) }, values => chart(values['</script><b>']), { frames: 3 });"
    )
    (shown,) = of(messages, "display_data")
    html = shown["data"]["text/html"]
    assert html.count("data:image/png;base64,") == 4 and html.count("</script>") == 1
    assert "<b>" not in html and not opened(messages)
    assert shown["data"]["image/png"] in html
    assert shown["data"]["text/plain"].startswith("</script><b>: 0.00, 0.50, 1.00")


@check("a mistaken control is refused with what it needs")
def mistakes(nb):
    for code, told in [
        ("slider({ min: 1, max: 1 })", "slider needs min < max"),
        ("dropdown({ options: [] as string[] })", "dropdown needs at least one option"),
        ("image(new Uint8Array(3))", "image needs the bytes of a PNG"),
        ("await interact({ a: checkbox() }, () => 7, { frames: 2 })", "frames need pictures"),
        ("await interact({ a: checkbox(), b: checkbox() }, () => 7, { frames: 2 })", "frames need one control"),
    ]:
        sent = nb.send(code)
        messages = nb.until(lambda m: is_idle(m, sent))
        nb.reply(sent)
        assert of(messages, "error") and told in of(messages, "error")[0]["evalue"], (code, of(messages, "error"))


@check("training stops when it is interrupted, and the kernel lives")
def training(nb):
    nb.run(
        "import { trainAutoencoder, cropsInMemory, presets } from 'live-cell-histology';\n"
        "import { mkdtempSync } from 'node:fs'; import { tmpdir } from 'node:os'; import { join } from 'node:path';\n"
        "const run = mkdtempSync(join(tmpdir(), 'lch-train-'));\n"
        "const source = cropsInMemory(Float32Array.from({ length: 512 * 64 * 64 }, (_, i) => (i % 97) / 97), 64);"
    )
    sent = nb.send(
        "const { architecture, training } = presets.demo;\n"
        "await trainAutoencoder(source, { run, architecture, training: { ...training, epochs: 50 }, seed: 1 });"
    )
    nb.until(lambda m: m["msg_type"] == "update_display_data" and "train" in m["content"]["data"]["text/plain"])
    before = time.time()
    nb.client.control_channel.send(nb.client.session.msg("interrupt_request", {}))
    messages = nb.until(lambda m: is_idle(m, sent))
    took = time.time() - before
    reply = nb.reply(sent)
    nb.client.get_control_msg(timeout=WAIT)
    assert reply["content"]["status"] == "error", reply["content"]
    time.sleep(1)
    assert result(nb.run("6 * 7"))["text/plain"] == "42"
    return f"{1000 * took:.0f} ms"


def main(words):
    manager, client = start_new_kernel(kernel_name=os.environ["KERNEL_NAME"])
    try:
        notebook = Notebook(client)
        for title, function in CHECKS:
            if words and not any(word in title for word in words):
                continue
            try:
                outcome, detail = "passed", function(notebook) or ""
            except Exception:
                outcome, detail = "failed", traceback.format_exc()
            print(json.dumps({"name": title, "outcome": outcome, "detail": detail}), flush=True)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


main(sys.argv[1:])
