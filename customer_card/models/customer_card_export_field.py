from odoo import api, fields, models

# Fields that no person exports
TECHNICAL_TYPES = ("binary", "json", "properties", "properties_definition", "reference")


class CustomerCardExportField(models.Model):
    """A field of the customer that an export request asks for."""

    _name = "customer.card.export.field"
    _description = "Field of an Export of Cards"
    _order = "sequence, id"
    _rec_name = "label"
    # an x2many command inside a privileged write runs with the client's own rights
    _allow_sudo_commands = False

    export_id = fields.Many2one(
        "customer.card.export", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    name = fields.Selection("_get_exportable_fields", "Field", required=True)
    label = fields.Char(compute="_compute_label")

    _name_unique = models.Constraint(
        "UNIQUE (export_id, name)",
        "A field is asked for twice: take one of the two out.",
    )

    @api.model
    def _get_exportable_fields(self):
        """:return: ``[(name, label), …]`` of the fields of a customer that this user may
        read, sorted by label"""
        Partner = self.env["res.partner"]
        labels = {
            name: description["string"]
            for name, description in Partner.fields_get(
                attributes=["string", "type", "exportable"]
            ).items()
            if description.get("exportable", True)
            and description["type"] not in TECHNICAL_TYPES
            and not name.startswith(("activity_", "message_", "has_message"))
            and name not in ("id", "display_name")
        }
        return sorted(labels.items(), key=lambda item: item[1].lower())

    @api.depends("name")
    @api.depends_context("lang")
    def _compute_label(self):
        partner_fields = self.env["res.partner"]._fields
        for line in self:
            field = partner_fields.get(line.name)
            line.label = field and field._description_string(self.env)

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_request_open()
        return lines

    def write(self, vals):
        self._check_request_open()
        result = super().write(vals)
        self._check_request_open()
        return result

    def unlink(self):
        self._check_request_open()
        return super().unlink()

    def _check_request_open(self):
        """:raise AccessError, UserError: unless the user may change the request now"""
        if not self.env.su:
            self.export_id._approval_check_edit({"field_ids"})
