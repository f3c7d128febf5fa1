from odoo import api, fields, models

from ..matching import get_name_key_sql


class CustomerCardAlias(models.Model):
    """Another name under which a customer or a contact of his is looked for.

    Former names are recorded when a name changes; trade names and abbreviations are
    entered by hand. Each name stands once, in whatever case.
    """

    _name = "customer.card.alias"
    _description = "Other Name of a Customer"
    _inherit = ["customer.card.line.mixin"]
    _order = "partner_id, date_until DESC, id DESC"

    name = fields.Char("Other Name", required=True, index="trigram")
    kind = fields.Selection(
        [
            ("former", "Former Name"),
            ("trade", "Trade Name"),
            ("abbreviation", "Abbreviation"),
            ("other", "Other Name"),
        ],
        default="trade",
        required=True,
    )
    date_until = fields.Date(
        "Used Until",
        help="The last day on which the customer went by this name. Empty: still used.",
    )

    _name_once = models.UniqueIndex(
        "(partner_id, LOWER(name))", "This customer has this other name already."
    )

    _name_key_idx = models.Index(f"(({get_name_key_sql('name')}))")

    # ------------------------------------------------------------
    # FORMER NAMES
    # ------------------------------------------------------------

    @api.model
    def _record_names(self, names):
        """Keep the former names of cards and of their contacts.

        The system does so, whoever renames the customer.

        :param names: ``[(res.partner, former name), …]``
        """
        # sudo: see above; the partners are those that were just renamed
        Alias = self.sudo().with_context(active_test=False)
        partner_ids = [partner.id for partner, _name in names]
        known = {
            (alias.partner_id.id, alias._get_name_key(alias.name)): alias
            for alias in Alias.search([("partner_id", "in", partner_ids)])
        }
        today = self.env.user._card_today()
        vals_list = {}
        again = Alias.browse()
        for partner, name in names:
            key = (partner.id, self._get_name_key(name))
            if key in known:
                again |= known[key]
            else:
                vals_list[key] = {
                    "partner_id": partner.id,
                    "name": name.strip(),
                    "kind": "former",
                    "date_until": today,
                }
        again.filtered(lambda alias: alias.date_until != today).write(
            {"date_until": today}
        )
        Alias.create(list(vals_list.values()))

    @api.model
    def _get_name_key(self, name):
        """:return: what two spellings of the same other name have in common"""
        return (name or "").strip().lower()
