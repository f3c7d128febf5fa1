from odoo import api, models

from .res_partner_form import LOCKED
from .res_partner_habits import HABIT_FIELDS, HABIT_LINES
from .res_partner_profile import PROFILE_FIELDS, PROFILE_LINES

PAGES = "//page[@name='card_profile' or @name='card_habits']"
OPTIONAL_FIELDS = (*PROFILE_FIELDS, *PROFILE_LINES, *HABIT_FIELDS, *HABIT_LINES)


class ResPartner(models.Model):
    """What nobody has filled in is not shown to whoever may not fill it in."""

    _inherit = "res.partner"

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type == "form":
            self._hide_empty_profile(arch)
        return arch, view

    @api.model
    def _hide_empty_profile(self, arch):
        """Hide the empty fields, and the groups of nothing else, of a form that the
        user may only read.

        :param arch: lxml element of the form, changed in place
        """
        for node in arch.xpath(f"{PAGES}//group | {PAGES}//field | {PAGES}//separator"):
            if node.xpath("ancestor::field"):
                continue
            if node.tag == "field":
                names = [node.get("name")]
            elif node.tag == "separator":
                names = node.xpath("following-sibling::field[1]/@name")
            else:
                names = node.xpath(".//field[not(ancestor::field)]/@name")
            names = [name for name in names if name in OPTIONAL_FIELDS]
            if not names:
                continue
            empty = f"{LOCKED} and not ({' or '.join(names)})"
            invisible = node.get("invisible")
            node.set("invisible", f"({invisible}) or ({empty})" if invisible else empty)
