"""A static site on disk: where its links lead."""

import html.parser
import pathlib
import urllib.parse


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.targets, self.names = set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        values = dict(attributes)
        self.names.update(values[name] for name in ("id", "name") if values.get(name))
        self.targets.update(values[name] for name in ("href", "src") if values.get(name))


def dead_links(folder):
    """Links between files of the folder that lead nowhere, or to no heading: (page, target)."""
    folder = pathlib.Path(folder)
    pages = {path: Page(path.read_text()) for path in folder.rglob("*.html")}
    dead = []
    for path, page in pages.items():
        for target in page.targets:
            address = urllib.parse.urlsplit(target)
            if address.scheme or address.netloc:
                continue
            name = urllib.parse.unquote(address.path)
            there = folder / name.lstrip("/") if name.startswith("/") else path.parent / name if name else path
            there = there / "index.html" if there.is_dir() else there
            there = there.resolve()
            anchor = urllib.parse.unquote(address.fragment)
            if not there.is_file() or (anchor and there in pages and anchor not in pages[there].names):
                dead.append((str(path.relative_to(folder)), target))
    return len(pages), dead
