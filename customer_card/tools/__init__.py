from . import backup_folder, backup_process
