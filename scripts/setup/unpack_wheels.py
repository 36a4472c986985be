"""Unpacks from wheels what the native backend needs: shared libraries and the C headers, nothing else.

usage: unpack_wheels.py WHEELS_FOLDER SITE_FOLDER
"""

import pathlib
import shutil
import sys
import zipfile

# The binding includes TensorFlow's C interface; these folders are what its headers include in turn.
HEADERS = (
    "tensorflow/include/tensorflow/c/",
    "tensorflow/include/tensorflow/core/platform/",
    "tensorflow/include/xla/tsl/c/",
    "tensorflow/include/tsl/platform/",
)
LIBRARIES = ("tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2")


def wanted(name: str) -> bool:
    if name.startswith("nvidia/"):  # the CUDA wheels: libraries and the device compiler's files
        return "/include/" not in name and not name.endswith((".py", ".pyi", ".h"))
    return name in LIBRARIES or name.startswith(HEADERS) or ".dist-info/" in name and "LICENSE" in name


def main() -> None:
    wheels, site = map(pathlib.Path, sys.argv[1:3])
    site = site.resolve()
    for wheel in sorted(wheels.glob("*.whl")):
        print(f"unpacking {wheel.name}", flush=True)
        with zipfile.ZipFile(wheel) as archive:
            for entry in archive.infolist():
                if entry.is_dir() or not wanted(entry.filename):
                    continue
                target = (site / entry.filename).resolve()
                if not target.is_relative_to(site):
                    raise SystemExit(f"{wheel.name} holds {entry.filename}, which would land outside its folder")
                target.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(entry) as source, open(target, "wb") as sink:
                    shutil.copyfileobj(source, sink, 1 << 20)
                if entry.external_attr >> 16 & 0o111:  # ptxas and its like stay executable
                    target.chmod(0o755)


main()
