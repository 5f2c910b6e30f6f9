#!/usr/bin/env python3
"""Looks whether a binary was built as cmake/hardening.cmake says.

usage: check_binary.py [--hardened] FILE
Always: position-independent, its tables of addresses read-only from the start (full RELRO), no executable stack.
With --hardened: stack protector, fortified calls of libc, and on x86 marks where jumps may land.
"""
import os
import re
import subprocess
import sys


def readelf(*arguments):
    return subprocess.run(["readelf", "-W", *arguments], check=True, capture_output=True, text=True,
                          env={**os.environ, "LC_ALL": "C"}).stdout


def faults(path, hardened):
    header, program, dynamic = readelf("-h", path), readelf("-l", path), readelf("-d", path)
    if not re.search(r"Type:\s+DYN", header) or "INTERP" not in program:
        yield "it is not position-independent (-pie)"
    if "GNU_RELRO" not in program:
        yield "it has no RELRO segment (-z relro)"
    if not re.search(r"\(FLAGS(_1)?\).*\b(BIND_)?NOW\b", dynamic) and "(BIND_NOW)" not in dynamic:
        yield "its symbols are bound lazily (-z now)"
    stack = re.search(r"GNU_STACK.*", program)
    if not stack or re.search(r"\bRWE\b", stack.group()):
        yield "its stack is executable"
    if "(TEXTREL)" in dynamic:
        yield "its code is relocated when it is loaded (TEXTREL)"
    if not hardened:
        return
    symbols = readelf("--dyn-syms", path)
    if "__stack_chk_fail" not in symbols:
        yield "it has no stack protector (-fstack-protector-strong)"
    if not re.search(r"\b__(memcpy|memmove|memset|snprintf|read|recv|realpath|fdelt|pread)_chk\b", symbols):
        yield "it calls nothing fortified (-D_FORTIFY_SOURCE=3)"
    if re.search(r"Machine:.*(X86-64|80386)", header):
        with open(path, "rb") as file:
            marks = file.read().count(b"\xf3\x0f\x1e\xfa")  # endbr64
        if marks < 1000:
            yield f"only {marks} places are marked for jumps (-fcf-protection)"


def main():
    arguments = sys.argv[1:]
    hardened = "--hardened" in arguments
    paths = [a for a in arguments if a != "--hardened"]
    if len(paths) != 1:
        sys.exit(__doc__)
    found = list(faults(paths[0], hardened))
    for fault in found:
        print(f"{paths[0]}: {fault}")
    sys.exit(1 if found else 0)


main()
