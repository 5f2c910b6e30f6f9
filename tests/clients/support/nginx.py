"""nginx-rtmp in the server's place: shows whether a fault is the client's command line or the server. RTMP only."""

import pathlib
import time

from .ports import free_port
from .processes import Skip, need, wait_until
from .server import listening

CONFIG = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/nginx-error.log;
load_module /usr/lib/nginx/modules/ngx_rtmp_module.so;
worker_processes 1;
events {{ worker_connections 512; }}
rtmp {{ server {{ listen 127.0.0.1:{rtmp}; application live {{ live on; wait_key on; wait_video on; }} }} }}
"""


class Nginx:
    kind = "nginx"

    def __init__(self, _, processes, **__):
        need("nginx")
        self.processes, self.folder = processes, pathlib.Path(processes.folder)
        self.ports = {"rtmp": free_port()}

    def start(self):
        config = self.folder / "nginx.conf"
        config.write_text(CONFIG.format(folder=self.folder, **self.ports))
        self.process = self.processes.start("nginx", ["nginx", "-c", config, "-p", self.folder])
        wait_until("nginx listens", lambda: listening(self.ports["rtmp"]))
        return self

    def rtmp(self, stream="live/cam", host="127.0.0.1", scheme="rtmp", **_):
        return f"{scheme}://{host}:{self.ports['rtmp']}/{stream}"

    def wait_live(self, *_, **__):
        time.sleep(1)

    def alive(self):
        pass

    check_log = wait_idle = wait_live

    def __getattr__(self, name):
        raise Skip(f"nginx-rtmp has no {name}")
