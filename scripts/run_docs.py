"""Run the console blocks of the documentation and put their real output into the pages; ``--check`` compares.

A fenced block ``console`` holds commands after ``$ `` (``> `` continues one) and what they print. Blocks of a
page run in order in one shell, in an empty folder where ``docs`` is the documentation. ``console exit=1``
says that the last command of the block ends with 1. Of a digest, a number made at random and a moment only the place
is compared.
"""

import difflib
import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BLOCK = re.compile(r"^```console(?: exit=(\d+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MARK = "@@@@"
SECONDS = 300


def pages() -> list[Path]:
    """Every page that has a block to run."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return [page for page in found if BLOCK.search(page.read_text(encoding="utf-8"))]


def commands(block: str) -> list[str]:
    """Return the commands of a block, continued lines joined."""
    found: list[str] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append(line[2:])
        elif line.startswith("> ") and found:
            found[-1] += "\n" + line[2:]
    return found


def run(listed: list[str]) -> list[tuple[str, int]]:
    """Run commands in one shell and return what each printed and how it ended."""
    script = "\n".join(f"{{ {command}\n}} 2>&1\nprintf '\\n{MARK} %s\\n' $?" for command in listed)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "docs").symlink_to(ROOT / "docs")
        environment = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT / "src"),
            "HOME": folder,
            "LC_ALL": "C.UTF-8",
            "GREENLANE_HOME": f"{folder}/.greenlane",
            "GREENLANE_KEY": "5a" * 32,
        }
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        printed = done.stdout.replace(f"{folder}/", "")
    parts = re.split(rf"\n{MARK} (\d+)\n", printed)
    return [(text, int(code)) for text, code in zip(parts[::2], parts[1::2], strict=False)]


def refreshed(page: Path) -> tuple[str, list[str]]:
    """Return a page's text with real output, and what ended otherwise than it says."""
    text = page.read_text(encoding="utf-8")
    blocks = list(BLOCK.finditer(text))
    results = iter(run([command for block in blocks for command in commands(block.group(2))]))
    wrong: list[str] = []

    def fill(block: re.Match[str]) -> str:
        lines = []
        listed = commands(block.group(2))
        for number, command in enumerate(listed, 1):
            printed, code = next(results, ("", -1))
            wanted = int(block.group(1) or 0) if number == len(listed) else 0
            if code != wanted:
                wrong.append(f"{page.name}: exit {code}, not {wanted}: {command}\n{printed[-1000:]}")
            lines.append("$ " + command.replace("\n", "\n> "))
            lines += [line.rstrip() for line in printed.rstrip("\n").splitlines()]
        head = "```console" + (f" exit={block.group(1)}" if block.group(1) else "")
        return "\n".join([head, *lines, "```"])

    return BLOCK.sub(fill, text), wrong


def masked(text: str) -> list[str]:
    """Return the lines with digests, numbers made at random and moments put out of sight."""
    text = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "(number)", text)
    text = re.sub(r"\b\d{4}-\d\d-\d\d[ T]\d\d:\d\d\b", "(moment)", text)
    return re.sub(r"\b[0-9a-f]{12,}\b", "(digest)", text).splitlines()


def main() -> int:
    """Refresh the pages whose commands end well, or with ``--check`` say where one is out of date."""
    check = "--check" in sys.argv[1:]
    failed = 0
    listed = pages()
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = list(pool.map(refreshed, listed))
    for page, (text, wrong) in zip(listed, results, strict=True):
        before = page.read_text(encoding="utf-8")
        for message in wrong:
            print(message, file=sys.stderr)
        failed |= bool(wrong)
        if not check and not wrong:
            page.write_text(text, encoding="utf-8")
        elif check and masked(text) != masked(before):
            name = str(page.relative_to(ROOT))
            told = difflib.unified_diff(masked(before), masked(text), name, "now", n=1, lineterm="")
            print("\n".join(told), file=sys.stderr)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
