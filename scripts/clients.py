#!/usr/bin/env python
"""Makes the clients from the API's description: Python operations, TypeScript types. What is current is left alone."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CLIENTS = ROOT / "clients"
DESCRIPTION = ROOT / "frontend" / "openapi.json"
GENERATED = CLIENTS / "python" / "homage_client" / "generated"
TYPES = CLIENTS / "typescript" / "src" / "schema.gen.ts"
MODULES = ROOT / "frontend" / "node_modules"
UNDERSTOOD = ("application/json", "multipart/form-data", "application/x-www-form-urlencoded")


def main() -> None:
    with (CLIENTS / ".made").open("a+") as stamp:
        fcntl.flock(stamp, fcntl.LOCK_EX)  # tests in several processes ask at once
        stamp.seek(0)
        wanted = made_from()
        if stamp.read() == wanted and GENERATED.is_dir() and TYPES.is_file():
            return
        python()
        typescript()
        stamp.truncate(0)
        stamp.write(wanted)


def made_from() -> str:
    """A hash of all that they are made from."""
    sources = [Path(__file__), DESCRIPTION, CLIENTS / "python" / "generator.txt"]
    sources += [
        p for p in sorted((CLIENTS / "typescript").glob("*.json")) + sorted(TYPES.parent.glob("*.ts")) if p != TYPES
    ]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()


def python() -> None:
    """Models and operations, one module each."""
    generator = Path(sys.prefix) / "generator" / "bin" / "python"
    if not generator.exists():
        sys.exit("clients: what makes them is not installed; run: make setup")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as config:
        json.dump({"post_hooks": [], "content_type_overrides": files()}, config)
        config.flush()
        asked = ["--path", DESCRIPTION, "--config", config.name, "--output-path", GENERATED]
        run(
            [
                generator,
                "-m",
                "openapi_python_client",
                "generate",
                "--meta",
                "none",
                "--overwrite",
                "--fail-on-warning",
                *asked,
            ]
        )


def files() -> dict[str, str]:
    """Media types that are neither JSON nor forms: bytes to a client."""
    found = {kind for kind in media_types(json.loads(DESCRIPTION.read_text())) if kind not in UNDERSTOOD}
    return {kind: "application/octet-stream" for kind in sorted(found) if not kind.endswith("+json")}


def media_types(described: object) -> set[str]:
    if isinstance(described, list):
        return {kind for part in described for kind in media_types(part)}
    if not isinstance(described, dict):
        return set()
    content = described.get("content")
    return (set(content) if isinstance(content, dict) else set()) | media_types(list(described.values()))


def typescript() -> None:
    """The types, and the whole as JavaScript with its declarations."""
    node = shutil.which("node", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    if node is None or not MODULES.is_dir():
        sys.exit("clients: node or the pages' libraries are not installed; run: make setup")
    linked = CLIENTS / "typescript" / "node_modules"
    if not (linked.is_symlink() or linked.exists()):
        linked.symlink_to(os.path.relpath(MODULES, linked.parent))
    typed = MODULES / "openapi-typescript" / "bin" / "cli.js"
    run([node, typed, DESCRIPTION, "--default-non-nullable=false", "-o", TYPES])  # what has a default may be left out
    run([node, MODULES / "typescript" / "bin" / "tsc", "-p", CLIENTS / "typescript"])


def run(command: list[str | Path]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        shown = "\n".join(said[:20])
        sys.exit(f"clients: {Path(command[1]).name} ended with {done.returncode}; mend what it says:\n{shown}")


if __name__ == "__main__":
    main()
