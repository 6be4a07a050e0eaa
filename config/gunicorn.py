"""gunicorn's settings, for `make run` and for the container."""

import gc
import os
from pathlib import Path
from typing import Any

from config.logs import logging_config

if numbers := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
    Path(numbers).mkdir(parents=True, exist_ok=True)

bind = f"{os.environ.get('VITRINE_BIND', '127.0.0.1')}:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("VITRINE_WEB_WORKERS") or 2)
threads = int(os.environ.get("VITRINE_WEB_THREADS") or 4)
worker_class = "gthread"
timeout = 60
graceful_timeout = 5
# Longer than proxies and clients keep an idle connection, so that none is cut while a request is on its way.
keepalive = 75
max_requests = 20_000
max_requests_jitter = 2_000
control_socket_disable = True
forwarded_allow_ips = os.environ.get("FORWARDED_ALLOW_IPS", "127.0.0.1")

logconfig_dict = logging_config(console=os.environ.get("VITRINE_DEBUG", "").lower() == "true")
logconfig_dict["loggers"]["gunicorn.error"] = {"level": "INFO", "handlers": ["stderr"], "propagate": False}
logconfig_dict["loggers"]["gunicorn.access"] = {
    "level": "WARNING",
    "handlers": ["stderr"],
    "propagate": False,
}


def post_worker_init(worker: Any) -> None:
    """What the program itself is made of is not looked through for rubbish again with every request.

    A comparison makes a hundred thousand objects that all live until it is written: looking through them every 700
    would take a quarter of its time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


def child_exit(server: Any, worker: Any) -> None:
    """Forget the numbers of a worker that has ended."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)
