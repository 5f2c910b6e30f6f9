"""The servers that are measured: how each is configured and started."""

import pathlib
import time

from . import place

NGINX_MODULE = "/usr/lib/nginx/modules/ngx_rtmp_module.so"

NGINX = """load_module {module};
worker_processes 1; daemon off; pid {work}/nginx.pid; error_log {work}/nginx.err error; worker_rlimit_nofile 20000;
events {{ worker_connections 19000; }}
rtmp {{ server {{ listen 1935; chunk_size 4096; access_log off; application live {{ live on; }} }} }}
"""

WEIR = """listen 1935;
workers {workers};
max_connections 19000;
daemon off;
pid {work}/weir.pid;
srs_log_tank console;
srs_log_level warn;
http_server {{ enabled on; listen 8080; }}
{top}
vhost __defaultVhost__ {{
    {vhost}
    http_remux {{ enabled on; mount [vhost]/[app]/[stream].flv; }}
}}
"""

# What the rows of weir set; the name goes into the table.
WEIR_CONFIGS = {
    "merged": "play { mw_latency 350; }",
    "default": "",
    "lowest": "min_latency on; tcp_nodelay on; play { mw_latency 0; }",
    "mr": "publish { mr on; }",
}


class Server:
    """A running server: pid to measure, ready time. Use as a context."""

    def __init__(self, namespace, cores, work):
        self.namespace, self.cores, self.work = namespace, cores, pathlib.Path(work)
        self.process, self.pid, self.ready_seconds, self.exit_status = None, 0, None, None

    def __enter__(self):
        self.process = self.namespace.start(self.cores, self.command(), self.work / f"{self.name}.log")
        self.ready_seconds = self.namespace.wait_for_port(1935, self.process)
        if self.ready_seconds is None:
            place.stop(self.process)
            log = (self.work / f"{self.name}.log").read_text()
            raise RuntimeError(f"{self.name} does not listen: {log[-2000:]}")
        time.sleep(0.3)
        self.pid = self.measured_pid()
        return self

    def __exit__(self, *_):
        self.exit_status = place.stop(self.process)

    def measured_pid(self):
        return self.process.pid


class Nginx(Server):
    name = "nginx-rtmp"

    def command(self):
        conf = self.work / "nginx.conf"
        conf.write_text(NGINX.format(module=NGINX_MODULE, work=self.work))
        return ["nginx", "-c", conf]

    def measured_pid(self):
        master = self.process.pid
        children = pathlib.Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return int(children[-1])  # the one worker


class Weir(Server):
    name = "weir"

    def __init__(self, namespace, cores, work, binary, config, workers):
        super().__init__(namespace, cores, work)
        self.binary, self.config, self.workers = binary, config, workers

    def command(self):
        conf = self.work / f"weir-{self.config}.conf"
        conf.write_text(WEIR.format(work=self.work, workers=self.workers, top="", vhost=WEIR_CONFIGS[self.config]))
        return [self.binary, "-c", conf]
