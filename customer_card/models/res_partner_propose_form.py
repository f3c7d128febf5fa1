import re

from lxml import etree

from odoo import api, models

from .res_partner_form import LOCKED

EDITOR = "card_propose_form"
# parts of a form that act on the card, or tell about it
ACTING = (
    "//header | //chatter | //button | //widget | //*[@role='alert']"
    " | //*[@name='button_box']"
)
SHOWN = ".//field[not(@invisible='1')][not(ancestor::field[@invisible='1'])]"
CONDITIONS = ("invisible", "readonly", "required", "column_invisible", "domain")


class ResPartner(models.Model):
    """The editor of proposals is the form of the card, with everything that other
    addons add to it, reduced to what may be proposed."""

    _inherit = "res.partner"

    @api.model
    def _lock_card_form(self, arch):
        if arch.get("js_class") != EDITOR:
            return super()._lock_card_form(arch)
        return self._open_propose_form(arch)

    @api.model
    def _open_propose_form(self, arch):
        """Leave the proposable fields of a form, and what their conditions need.

        :param arch: lxml element of the form, changed in place
        """
        groups = self._get_form_groups(arch)
        for node in arch.xpath(ACTING):
            if node.getparent() is not None and not node.xpath("ancestor::footer"):
                node.getparent().remove(node)
        self._show_proposable(arch, self)
        for tag in ("group", "page", "notebook"):
            for node in reversed(arch.xpath(f"//{tag}")):
                if not node.xpath(SHOWN):
                    node.getparent().remove(node)
                elif tag == "page":
                    # somebody new has nothing in it yet
                    node.attrib.pop("invisible", None)
        self._drop_unneeded(arch, groups)
        # whoever proposes has no right to write, and needs none
        for node in arch.xpath("//form | //list | //kanban"):
            for action in ("create", "edit", "delete"):
                node.set(action, "1")

    @api.model
    def _get_form_groups(self, arch):
        """:return: ``{field name: groups}`` of the fields of the form itself, groups of
        the parts that they stand in included"""
        groups = {}
        for node in arch.xpath("//field[not(ancestor::field)]"):
            found = node.xpath("ancestor-or-self::*/@groups")
            groups.setdefault(node.get("name"), found[-1] if found else None)
        return groups

    @api.model
    def _show_proposable(self, node, model):
        """Make the proposable fields of a view editable, mark the others.

        :param node: lxml element of a view of ``model``
        """
        allowed = model._get_card_proposable_fields()
        for child in node.iterchildren(etree.Element):
            name = child.get("name")
            if child.tag == "templates":
                continue
            if child.tag != "field":
                self._show_proposable(child, model)
            elif name in model._get_card_basic_fields():
                child.set("readonly", "id")
            elif name == "company_type":
                # the choice of a person or a company, of somebody new
                self._unlock(child)
                child.set("invisible", "id")
            elif name in allowed:
                self._unlock(child)
                field = model._fields[name]
                if field.type == "one2many":
                    self._show_proposable(child, self.env[field.comodel_name])
            else:
                child.set("invisible", "1")
                if node.tag == "list":
                    child.set("column_invisible", "1")

    @api.model
    def _unlock(self, node):
        readonly = node.get("readonly") or ""
        if LOCKED in readonly or readonly in ("1", "True"):
            del node.attrib["readonly"]

    @api.model
    def _drop_unneeded(self, arch, groups):
        """Hidden fields stay where a condition names them, and only there: they would
        be read for nothing, or with rights that a proposer does not have.

        :param groups: see ``_get_form_groups``
        """
        needed = set(
            re.findall(
                r"[a-z]\w+",
                " ".join(
                    value
                    for node in arch.iter(etree.Element)
                    for name, value in node.attrib.items()
                    if name in CONDITIONS or name in ("context", "options")
                ),
            )
        )
        for node in arch.xpath("//field[@invisible='1'][not(ancestor::templates)]"):
            in_kanban = (
                node.getparent() is not None and node.getparent().tag == "kanban"
            )
            if node.get("name") not in needed and not in_kanban:
                node.getparent().remove(node)
        present = set(arch.xpath("//field[not(ancestor::field)]/@name"))
        for name in sorted((needed & groups.keys()) - present):
            node = etree.SubElement(arch, "field", name=name, invisible="1")
            if groups[name]:
                node.set("groups", groups[name])
