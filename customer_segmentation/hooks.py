from odoo.tools import SQL

# on tables of others, for the run that computes the figures
INDEXES = (
    "account_move_customer_figures_idx",
    "account_partial_reconcile_settled_idx",
    "customer_card_contract_term_idx",
    "res_partner_customer_idx",
)


def uninstall_hook(env):
    """Take the indexes of this addon off the tables of others."""
    for name in INDEXES:
        env.cr.execute(SQL("DROP INDEX IF EXISTS %s", SQL.identifier(name)))
