"""Results as a Markdown table."""

HEAD = ["row", "server", "players", "publ.", "CPU of a core", "µs per s and player", "Gb per CPU-s", "delay p50 / p99 ms",
        "first frame p50 / p99 ms", "starved", "KiB each", "load's CPU", "remarks"]


def number(value, digits=1):
    if value is None:
        return ""
    return f"{value:,.{digits}f}"


def pair(spread):
    if not spread or not spread.get("count"):
        return ""
    return f"{number(spread['p50_ms'])} / {number(spread['p99_ms'])}"


def cells(result):
    row, out = result["row"], result.get("report") or {}
    server = out.get("server", {})
    name = row["server"] + (f" {row['config']}" if row["config"] else "") + (" flv" if row["protocol"] == "flv" else "")
    if row["workers"] > 1:
        name += f", {row['workers']} workers"
    if row["server"] == "floor":
        return [row["name"], f"floor, {row['interval_ms']:.0f} ms", row["players"], "", f"{out['cpu_share']:.0%}",
                number(out["us_per_second_and_player"]), number(out["gb_per_cpu_second"], 2), "", "", "", "",
                f"{result.get('drain_cpu_share', 0):.0%}", remarks(result)] if out else [row["name"], "floor"] + [""] * 10 + [remarks(result)]
    per_cpu = server.get("gb_per_cpu_second_out") if row["players"] else server.get("gb_per_cpu_second_in")
    each = None
    if row["kind"] == "idle":
        each = server.get("kib_per_connection")
    elif row["publishers"] > 1 and server:  # at the end, when a GOP is cached
        each = (server["resident_end"] - server["resident_before"]) / 1024 / row["publishers"]
    return [row["name"], name, row["players"] or "", row["publishers"] or "", f"{server.get('cpu_share', 0):.0%}",
            number(server.get("us_per_second_and_player") if row["players"] else None),
            number(per_cpu, 2) if row["kind"] == "stream" else "", pair(out.get("delay")), pair(out.get("play_to_frame")),
            out.get("starved", "") if row["players"] and row["kind"] != "idle" else "", number(each),
            f"{out.get('load_cpu_share', 0):.0%}", remarks(result)]


def remarks(result):
    return "; ".join(result.get("remarks", []))


def markdown(results):
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
    for result in results:
        lines.append("| " + " | ".join(str(cell) for cell in cells(result)) + " |")
    return "\n".join(lines) + "\n"
