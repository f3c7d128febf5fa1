import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

CODE = re.compile(r"[a-z][a-z0-9_]*")


class CustomerCardSection(models.Model):
    """A part of the card that can be printed, and lent on paper.

    What a section shows is its QWeb ``template``. An addon adds a section of its own as
    a record with a template, and, where the template needs more than the card itself, a
    method ``_get_section_<code>(cards)`` on ``report.customer_card.card_print``, which
    gathers the data of all cards at once.
    """

    _name = "customer.card.section"
    _description = "Section of a Customer Card"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="How programs call the section.")
    sequence = fields.Integer(default=100)
    active = fields.Boolean(
        default=True, help="A section that is archived is neither printed nor lent."
    )
    description = fields.Text(
        translate=True, help="What the section tells about a customer."
    )
    template = fields.Char(
        required=True, help="The QWeb template that prints the section."
    )
    # when
    is_default = fields.Boolean(
        "Chosen by Default",
        default=True,
        help="Chosen already when somebody prints a card or asks for a paper extract.",
    )
    may_be_lent = fields.Boolean(
        default=True,
        help="Can be part of a paper extract. Otherwise the section is printed only by "
        "whoever keeps the card.",
    )

    _code_unique = models.Constraint(
        "UNIQUE (code)",
        "Another section has this code already: each section has its own.",
    )

    # ------------------------------------------------------------
    # CONSTRAINTS
    # ------------------------------------------------------------

    @api.constrains("code")
    def _check_code(self):
        for section in self:
            if not CODE.fullmatch(section.code):
                raise ValidationError(
                    self.env._(
                        "%(section)s: the code %(code)s may only have small letters, "
                        "digits and underscores, and begins with a letter.",
                        section=section.name,
                        code=section.code,
                    )
                )

    @api.constrains("template")
    def _check_template(self):
        for section in self:
            # sudo: administrators of the cards may not read views
            view = (
                self.env["ir.ui.view"]
                .sudo()
                ._get_template_view(section.template, raise_if_not_found=False)
            )
            if not view or view.type != "qweb":
                raise ValidationError(
                    self.env._(
                        "%(section)s: there is no template %(template)s to print it.",
                        section=section.name,
                        template=section.template,
                    )
                )

    # ------------------------------------------------------------
    # SECTIONS
    # ------------------------------------------------------------

    @api.model
    def _get_default_lent(self):
        """:return: the sections that a paper extract has unless somebody chooses"""
        return self.search([("may_be_lent", "=", True), ("is_default", "=", True)])
