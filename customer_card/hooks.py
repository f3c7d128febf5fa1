import logging

import psycopg2

from odoo.modules.db import has_trigram
from odoo.tools import mute_logger

_logger = logging.getLogger(__name__)


def pre_init_hook(env):
    """Enable trigrams where the database allows it: searching by a part of a name
    needs them (see models/res_partner_indexes.py)."""
    cr = env.cr
    if not has_trigram(cr):
        try:
            with mute_logger("odoo.sql_db"), cr.savepoint(flush=False):
                cr.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
        except psycopg2.Error:
            _logger.warning(
                "This database has no trigrams: searching among many contacts will "
                "be slow. Let its owner run CREATE EXTENSION pg_trgm and update "
                "customer_card."
            )
    env.registry.has_trigram = has_trigram(cr)


def uninstall_hook(env):
    """Parameters have no owner. The documents of cards stay where they are: Odoo alone
    reads, collects and backs up their folder (see models/ir_attachment.py)."""
    env["ir.config_parameter"].search(
        [("key", "=like", "customer\\_card.backup\\_%")]
    ).unlink()
