"""Writes test/fixtures/gpu-kernels.json: which operations TensorFlow's GPU library has GPU kernels for, from its own registry.

    pip download --no-deps tensorflow==2.21.0 && unzip tensorflow-2.21.0-*.whl -d site
    python test/reference/gpu_kernels.py site/tensorflow > test/fixtures/gpu-kernels.json

Loads the library (no GPU needed), asks TF_GetAllRegisteredKernels, and keeps per operation the types that attribute T (or dtype) may have: "*" when
any may. Kernels with a label are left out: only TensorFlow itself chooses them.
"""
import ctypes
import json
import sys
from pathlib import Path

FLOAT, BFLOAT16 = 1, 14


class Buffer(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("length", ctypes.c_size_t), ("free", ctypes.c_void_p)]


def fields(data):
    """The fields of a protocol buffer: (number, value), bytes or an integer."""
    at = 0

    def varint():
        nonlocal at
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
        else:  # every other field here is a message, a string or a packed list
            assert tag & 7 == 2, tag
            length = varint()
            yield tag >> 3, data[at : at + length]
            at += length


def registered(folder):
    ctypes.CDLL(str(folder / "libtensorflow_framework.so.2"), mode=ctypes.RTLD_GLOBAL)
    library = ctypes.CDLL(str(folder / "libtensorflow_cc.so.2"), mode=ctypes.RTLD_GLOBAL)
    library.TF_Version.restype = ctypes.c_char_p
    library.TF_NewStatus.restype = ctypes.c_void_p
    library.TF_GetAllRegisteredKernels.restype = ctypes.POINTER(Buffer)
    library.TF_GetAllRegisteredKernels.argtypes = [ctypes.c_void_p]
    buffer = library.TF_GetAllRegisteredKernels(library.TF_NewStatus()).contents
    return library.TF_Version().decode(), ctypes.string_at(buffer.data, buffer.length)


def main():
    version, data = registered(Path(sys.argv[1]))
    table = {}
    for _, kernel in fields(data):
        parts = list(fields(kernel))
        text = {number: value.decode() for number, value in parts if number in (1, 2, 5)}
        if text.get(2) not in ("GPU", "DEFAULT") or text.get(5):  # DEFAULT serves every device
            continue
        types = {"*"}
        for number, constraint in parts:
            if number != 3:
                continue
            constraint = dict(fields(constraint))
            if constraint[1].decode() in ("T", "dtype"):
                allowed = dict(fields(dict(fields(constraint[2]))[1])).get(6, b"")
                codes = {allowed} if isinstance(allowed, int) else {value for value in allowed}
                types = {name for name, code in (("float32", FLOAT), ("bfloat16", BFLOAT16)) if code in codes}
        table.setdefault(text[1], set()).update(types)
    operations = {name: sorted(types) for name, types in sorted(table.items()) if types}
    print(json.dumps({"tensorflow": version, "operations": operations}, indent=0))


main()
