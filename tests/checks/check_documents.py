#!/usr/bin/env python3
"""Documents keep their word. Prints each breach and fails.

usage: check_documents.py [ROOT [WEIR]]
* A link to a file of the tree leads to it, and one to a heading to that heading.
* wiki/en and wiki/zh have the same pages, and wiki/README.md links all of them.
* What looks like a directive in a code span (`name value;`, `name { ... }`) of the wiki is one of conf/full.conf.
* Blocks marked ```conf are configurations: with WEIR, the server's binary, each is checked by weir -t, and may have no warning but of files that are not there.
* The comparison of wiki/*/introduction.md says "not yet" of what trunk/config/features.cpp has as not built, and of nothing else.
* Scripts and paths of the tree that stand in code (scripts/start, conf/weir.conf, ...) exist.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
weir = sys.argv[2] if len(sys.argv) > 2 else None
skipped = {"node_modules", "vendor", "build", "objs", ".git", "dist", "data"}
faults = []

fence = re.compile(r"^(```+)(\S*)\n(.*?)^\1\s*$", re.M | re.S)
span = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
link = re.compile(r"(?<!!)\[(?:[^\]\[]|\[[^\]]*\])*\]\(([^)\s]+)\)")
of_the_tree = re.compile(r"(?<![\w/.$-])((?:scripts|conf|docker|tests|trunk|research|cmake|wiki)/[\w./-]*[\w/])(?![\w*<\[]|\.\.)")


def documents():
    for path in sorted(root.rglob("*.md")):
        if not skipped & set(path.relative_to(root).parts):
            yield path


def anchors_of(path):
    """The names that GitHub gives to headings."""
    found, seen = set(), {}
    text = fence.sub("", path.read_text())
    for line in re.findall(r"^#+\s+(.+?)\s*#*$", text, re.M):
        name = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", line).lower()
        name = re.sub(r"[^\w\- ]", "", name).replace(" ", "-")
        count = seen.get(name, 0)
        seen[name] = count + 1
        found.add(f"{name}-{count}" if count else name)
    return found


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def fault(path, number, text):
    faults.append(f"{path.relative_to(root)}:{number}: {text}")


def check_links(path, text):
    for match in link.finditer(fence.sub(lambda m: "\n" * m.group(0).count("\n"), text)):
        target = match.group(1)
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        number = line_of(text, match.start())
        if not there.exists():
            fault(path, number, f"the link {target} leads nowhere")
        elif anchor and there.suffix == ".md" and anchor not in anchors_of(there):
            fault(path, number, f"{name or 'the page'} has no heading for #{anchor}")


def check_paths(path, text):
    built = ("research/players/vendor", "research/console/dist")
    code = [(m.start(1), m.group(1)) for m in span.finditer(text)] + [(m.start(3), m.group(3)) for m in fence.finditer(text)]
    for offset, piece in code:
        for match in of_the_tree.finditer(piece):
            name = match.group(1).rstrip("/.")
            if name.isupper() or re.search(r"[A-Z]{3,}(?!.*\.md)", name) or name.startswith(built):
                continue  # a word to be filled in, such as tests/unit/LAYER
            if not any((place / name).exists() for place in (root, root / "trunk", path.parent)):
                fault(path, line_of(text, offset), f"there is no {name}")


def known_names():
    names = {"include", "vhost", "is_full"}
    for line in (root / "conf/full.conf").read_text().splitlines():
        words = line.split()
        if words and re.fullmatch(r"[a-z][a-z0-9_]*", words[0].rstrip(";")):
            names.add(words[0].rstrip(";"))
        if "without any effect" in line:
            names |= set(re.findall(r"[a-z_0-9]+", line.partition(":")[2]))
    return names


# What looks like a directive in a span and is none: other programs' words, and words to be filled in.
others = {"proxy_set_header", "proxy_pass", "location", "server", "new", "name"}


def check_names(path, text, names):
    text = fence.sub(lambda m: "\n" * m.group(0).count("\n"), text)
    if path.name.startswith("migrate-"):  # the first column is the other server's
        text = re.sub(r"^\|[^|]*\|", "||", text, flags=re.M)
    for match in span.finditer(text):
        piece = match.group(1)
        if not (re.search(r"^[a-z_0-9]+( [^;{}]+)?;", piece) or re.search(r"^[a-z_0-9]+ [^;{}]*\{", piece)):
            continue
        inside = re.sub(r'"[^"]*"|\'[^\']*\'', "x", piece)
        for name in re.findall(r"(?:^|[;{}])\s*([a-z][a-z_0-9]*)(?=[ ;{])", inside):
            if name not in names and name not in others:
                fault(path, line_of(text, match.start()), f"'{name}' in `{piece}` is no directive of conf/full.conf")


def check_configurations(path, text):
    for match in fence.finditer(text):
        if match.group(2) != "conf":
            continue
        body = match.group(3)
        if not re.search(r"^(listen\s|rtmp\s*\{)", body, re.M):
            body = "listen 1935; " + body  # in the same line: numbers of lines are the document's
        if "max_connections" not in body:
            body = "max_connections 100; " + body
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "document.conf"
            file.write_text(body)
            run = subprocess.run([weir, "-t", "-c", str(file)], capture_output=True, text=True, check=False, cwd=root)
            said = (run.stdout + run.stderr).replace(str(file), "block")
            # Files and folders that a block names are those of its reader.
            of_files = ("cannot be read", "cannot be written", "is not there", "is no folder")
            warnings = [line for line in said.splitlines() if "(warning)" in line and not any(words in line for words in of_files)]
            if run.returncode or warnings:
                fault(path, line_of(text, match.start()), "weir -t says of this block:\n  " + said.strip().replace("\n", "\n  "))


def check_pages():
    pages = {language: {p.name for p in (root / "wiki" / language).glob("*.md")} for language in ("en", "zh")}
    for one, other in (("en", "zh"), ("zh", "en")):
        for name in sorted(pages[one] - pages[other]):
            faults.append(f"wiki/{one}/{name}: wiki/{other} has no such page")
    index = (root / "wiki/README.md").read_text()
    for language in pages:
        for name in sorted(pages[language]):
            if f"({language}/{name})" not in index:
                faults.append(f"wiki/README.md: no link to {language}/{name}")


# Rows of the comparison, in both languages, that stand for a feature of the build.
compared = {
    "RTSP": "rtsp", "SRT": "srt", "WebRTC in and out": "rtc", "WebRTC 推流和播放": "rtc", "HLS": "hls", "DASH": "dash",
    "Low-latency HLS": "low_latency_hls", "低延迟 HLS": "low_latency_hls", "Pull from other servers, on demand": "source",
    "从其他服务器拉流、按需拉流": "source", "Clusters": "origin_cluster", "集群": "origin_cluster", "Recording": "dvr", "录制": "dvr",
    "Hooks": "hooks", "回调": "hooks",
}


def check_comparison():
    built = dict(re.findall(r"Feature::(\w+), \"[^\"]*\", (built|not_built)\}", (root / "trunk/config/features.cpp").read_text()))
    for path in sorted((root / "wiki").glob("*/introduction.md")):
        text = path.read_text()
        for match in re.finditer(r"^\| ([^|]+) \| ([^|]+) \|", text, re.M):
            missing = match.group(2) in ("not yet", "尚无")
            feature = compared.get(match.group(1))
            if missing != (built.get(feature, "built") == "not_built"):
                fault(path, line_of(text, match.start()), f"the row '{match.group(1)}' does not say what features.cpp says")


def main():
    names = known_names()
    check_pages()
    check_comparison()
    for path in documents():
        text = path.read_text()
        check_links(path, text)
        check_paths(path, text)
        if path.is_relative_to(root / "wiki"):
            check_names(path, text, names)
            if weir:
                check_configurations(path, text)
    for one in faults:
        print(one)
    print(f"{len(faults)} faults")
    sys.exit(1 if faults else 0)


main()
