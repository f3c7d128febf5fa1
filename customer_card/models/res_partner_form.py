from lxml import etree

from odoo import api, models

# Whoever does not keep the card sees the form of a card read-only.
LOCKED = "card_root_id and not card_can_edit"
READ_ONLY = ("1", "True", "true")


class ResPartner(models.Model):
    """The contact forms of all apps show a card that the user may only read as such:
    the server would refuse what he types."""

    _inherit = "res.partner"

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            self._lock_card_form(arch)
        return arch, view

    @api.model
    def _lock_card_form(self, arch):
        """Make the fields of a form depend on who keeps the card; accounting goes on
        with its own.

        :param arch: lxml element of the form, changed in place
        """
        open_fields = self._get_card_accounting_fields()
        for node in arch.xpath("//field[not(ancestor::field)]"):
            field = self._fields.get(node.get("name"))
            readonly = node.get("readonly")
            if not field or field.name in open_fields or readonly in READ_ONLY:
                continue
            if LOCKED in (readonly or ""):
                # an address inside the form, which is a view of its own
                continue
            if readonly is None and field.readonly:
                continue
            both = readonly and readonly not in ("0", "False", "false")
            node.set("readonly", f"({readonly}) or ({LOCKED})" if both else LOCKED)
        for name in ("card_root_id", "card_can_edit"):
            if not arch.xpath(f"//field[@name='{name}'][not(ancestor::field)]"):
                etree.SubElement(arch, "field", name=name, invisible="True")
