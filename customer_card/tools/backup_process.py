"""Start a job in a process of its own.

A worker of Odoo that runs a scheduled action is ended after ``limit_time_real_cron``
seconds (two minutes, unless configured otherwise), and a web request sooner: a dump
takes longer. The process inherits the lock of the folder, so that the lock lives
exactly as long as the job does."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from odoo.tools import config

JOB = str(Path(__file__).with_name("backup_job.py"))
# what odoo.service.db and the connection to PostgreSQL read
OPTIONS = (
    "addons_path",
    "data_dir",
    "db_app_name",
    "db_host",
    "db_maxconn",
    "db_password",
    "db_port",
    "db_sslmode",
    "db_template",
    "db_user",
    "pg_path",
    "unaccent",
)


def start_job(job, lock=None):
    """Start a job and do not wait for it.

    :param dict job: see ``backup_job``; the configuration is added here
    :param lock: file descriptor that the process inherits
    :return: the process
    :raise OSError: when it cannot be started
    """
    process = subprocess.Popen(
        [sys.executable, JOB],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        pass_fds=() if lock is None else (lock,),
        # a restart of the web server's workers does not end it
        start_new_session=True,
        cwd="/",
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    # by standard input: a command line, and with it a password, is public
    message = {**job, "config": {name: config[name] for name in OPTIONS}}
    with process.stdin as stream:
        stream.write(json.dumps(message).encode())
    # a process that nobody waits for stays in the table of processes
    threading.Thread(target=process.wait, daemon=True).start()
    return process
