"""The rows: which load meets which server. Each names what the issue or the design asks of it."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Row:
    name: str
    group: str  # rows of one group are taken back to back and compared
    server: str  # weir, nginx or floor
    config: str = ""
    workers: int = 1
    protocol: str = "rtmp"
    players: int = 0
    publishers: int = 1
    drain_ms: float = 0
    publish_tick_ms: float = 0
    interval_ms: float = 0  # of the floor
    ramp: int = 1000
    kind: str = "stream"  # stream, idle, churn or start
    goal: str = ""


def fan_out(group, players, weir_config, drain_ms, interval_ms, goal, flv=False, nginx=True):
    rows = [Row(f"{group}-floor", group, "floor", players=players, interval_ms=interval_ms, drain_ms=drain_ms),
            Row(f"{group}-rtmp", group, "weir", weir_config, players=players, drain_ms=drain_ms, goal=goal)]
    if flv:
        rows.append(Row(f"{group}-flv", group, "weir", weir_config, protocol="flv", players=players, drain_ms=drain_ms,
                        goal=goal))
    if nginx:
        rows.append(Row(f"{group}-nginx", group, "nginx", players=players, drain_ms=drain_ms))
    return rows


ROWS = [
    *fan_out("merged", 3000, "merged", 10, 350, "10 Gb per CPU-second, 1.3 times the floor's CPU", flv=True),
    Row("adaptive-100", "adaptive", "weir", "default", players=100, goal="delay p50 under 2 ms"),
    Row("adaptive-4000", "adaptive", "weir", "default", players=4000,
        goal="delay p50 under 40 ms, nobody starved, CPU under 95 %"),
    Row("adaptive-4000-flv", "adaptive", "weir", "default", protocol="flv", players=4000,
        goal="delay p50 under 40 ms, nobody starved, CPU under 95 %"),
    Row("adaptive-4000-nginx", "adaptive", "nginx", players=4000),
    # 73 messages a second; a server that sends audio with video needs no more than 30 to 73 sends
    *fan_out("lowest", 1000, "lowest", 0, 1000 / 73, "p50 under 5 ms, p99 under 12 ms, CPU at most 55 %", flv=True),
    Row("many-floor", "many", "floor", players=9900, interval_ms=350, drain_ms=10),
    Row("many-rtmp", "many", "weir", "merged", players=9900, drain_ms=10, goal="10,000 players on a core"),
    Row("workers-1", "workers", "weir", "lowest", workers=1, players=1000, drain_ms=10),
    Row("workers-2", "workers", "weir", "lowest", workers=2, players=1000, drain_ms=10,
        goal="per CPU-second at least 0.9 of one worker: 1.8 times on two cores"),
    Row("publish-weir", "publish", "weir", "default", publishers=1000, goal="1.5 Gb per CPU-second, 100 KiB and the GOP each"),
    Row("publish-mr", "publish", "weir", "mr", publishers=1000, goal="2.5 Gb per CPU-second"),
    Row("publish-nginx", "publish", "nginx", publishers=1000),
    Row("publish-2000-weir", "publish-2000", "weir", "default", publishers=1990, publish_tick_ms=20),
    Row("publish-2000-mr", "publish-2000", "weir", "mr", publishers=1990, publish_tick_ms=20),
    Row("publish-2000-nginx", "publish-2000", "nginx", publishers=1990, publish_tick_ms=20),
    Row("idle-weir", "idle", "weir", "default", players=5000, publishers=0, kind="idle", goal="12 KiB each"),
    Row("idle-weir-flv", "idle", "weir", "default", protocol="flv", players=5000, publishers=0, kind="idle", goal="12 KiB each"),
    Row("idle-nginx", "idle", "nginx", players=5000, publishers=0, kind="idle"),
    Row("churn-weir", "churn", "weir", "default", kind="churn", goal="memory and descriptors where they were"),
    Row("churn-nginx", "churn", "nginx", kind="churn"),
    Row("start-weir", "start", "weir", "default", players=100, ramp=20, kind="start", goal="first frame under 5 ms"),
    Row("start-weir-flv", "start", "weir", "default", protocol="flv", players=100, ramp=20, kind="start",
        goal="first frame under 5 ms"),
    Row("start-nginx", "start", "nginx", players=100, ramp=20, kind="start"),
]


def chosen(wanted, servers):
    names = [name for name in wanted.split(",") if name]
    rows = [row for row in ROWS if not names or row.name in names or row.group in names]
    unknown = [name for name in names if not any(name in (row.name, row.group) for row in ROWS)]
    return [row for row in rows if row.server in servers], unknown
