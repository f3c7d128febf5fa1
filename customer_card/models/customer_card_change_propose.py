from odoo import api, models
from odoo.exceptions import UserError


class CustomerCardChange(models.Model):
    """From what was typed into a copy of a card to the lines of a proposal."""

    _inherit = "customer.card.change"

    @api.model
    def propose(self, partner_id, values, change_id=False):
        """Propose changes of a card, or report a new customer.

        :param partner_id: id of a customer with a card, or False for a new customer
        :param values: what changes, as ``web_save`` takes it; of x2many fields the
            commands create, update, delete and unlink; nothing but proposable fields
            (see ``_get_card_proposable_fields``)
        :param change_id: draft of the user's to add to; a field that it has already
            gets the new value
        :return: the action that opens the draft
        :raise AccessError: for a card or a link that the user may not see
        :raise UserError: for fields that cannot be proposed, or when nothing changes
        """
        Change = self._without_defaults()
        change = Change.browse(change_id or ())
        partner = Change.env["res.partner"].browse(partner_id or ())
        if change:
            change._check_continued(partner)
        else:
            # a reporter does not say whom: his partner does not exist yet
            change = Change.create(
                {"partner_id": partner.id} if partner else {"kind": "new"}
            )
        if change.kind == "new":
            change._set_company_type(values)
        lines = change._get_line_values(partner, values)
        if not lines and not change.line_ids:
            raise UserError(
                self.env._(
                    "Nothing has been changed. Type what should be different, then "
                    "propose it."
                )
            )
        change._put_lines(lines)
        return change._get_form_action()

    def _set_company_type(self, values):
        """Whether a new customer is a company is no line, nobody rejects it."""
        if "company_type" in values:
            self.is_company = values["company_type"] == "company"
        elif "is_company" in values:
            self.is_company = bool(values["is_company"])

    @api.model
    def _without_defaults(self):
        """:return: ``self`` without the defaults that a client put into the context"""
        return self.with_env(
            self.env(
                context={
                    key: value
                    for key, value in self.env.context.items()
                    if not key.startswith("default_")
                }
            )
        )

    def _check_continued(self, partner):
        """:raise UserError: when a draft is not one of this card"""
        self.ensure_one()
        self._approval_check_mine()
        if self.state != "draft" or self.partner_id != partner:
            raise UserError(
                self.env._(
                    "%(change)s can no longer be added to. Make a new proposal.",
                    change=self._approval_names(),
                )
            )

    def _put_lines(self, lines):
        """Add lines; those about the same field take the place of older ones."""
        self.ensure_one()
        keys = ("operation", "partner_id", "part_model", "part_id", "field_name")

        def key_of(vals):
            return tuple(vals.get(key) or False for key in keys)

        new = {key_of(vals) for vals in lines if vals["operation"] != "add"}
        replaced = self.line_ids.filtered(
            lambda line: (
                key_of(
                    {
                        "operation": line.operation,
                        # sudo: the customer of a line that is there already
                        "partner_id": line.sudo().partner_id.id,
                        "part_model": line.part_model,
                        "part_id": line.part_id,
                        "field_name": line.field_name,
                    }
                )
                in new
            )
        )
        replaced.unlink()
        Line = self.env["customer.card.change.line"]
        created = Line._approval_through_door().create(
            [{**vals, "change_id": self.id} for vals in lines]
        )
        created = Line.browse(created.ids)
        created._check_targets()
        created._check_new_values()

    # ------------------------------------------------------------
    # DIFFERENCE
    # ------------------------------------------------------------

    def _get_line_values(self, partner, values):
        """:return: values of lines, one for each difference between ``partner`` and
        ``values``"""
        if not partner:
            return self._get_report_values(values)
        return self._get_differences(partner, partner, values)

    def _get_report_values(self, values):
        """:return: values of the lines of a new customer"""
        model = self.env["res.partner"]
        values = self._filter_proposable(model, values)
        lines = []
        for name, value in values.items():
            field = model._fields[name]
            if name in model._get_card_basic_fields():
                # a fact of the proposal, not of a line
                continue
            if field.type == "one2many":
                for entry in self._get_added(field, value):
                    lines.append(self._get_add_values(model, field.comodel_name, entry))
                continue
            value = self._read_value(model, name, value)
            if value:
                lines.append(
                    {"operation": "set", "field_name": name, "new_value": value}
                )
        if not any(line.get("field_name") == "name" for line in lines):
            raise UserError(self.env._("Type the name of the new customer."))
        # the name first
        lines.sort(key=lambda vals: vals.get("field_name") != "name")
        return [{**vals, "sequence": 10 + index} for index, vals in enumerate(lines)]

    def _get_differences(self, contact, record, values):
        """:param contact: res.partner that ``record`` is, or hangs on
        :param record: what is edited
        :return: values of lines"""
        Line = self.env["customer.card.change.line"]
        record.check_access("read")
        lines = []
        base = {"partner_id": contact.id}
        if record._name != "res.partner":
            base |= {"part_model": record._name, "part_id": record.id}
        for name, value in self._filter_proposable(record, values).items():
            field = record._fields[name]
            if name in record._get_card_basic_fields():
                # what a contact is does not change
                continue
            if field.type == "one2many":
                lines += self._get_part_lines(contact, record, field, value)
                continue
            old = Line._encode(record, name)
            new = self._read_value(record, name, value)
            if not Line._is_same(field, old, new):
                lines.append(
                    {
                        **base,
                        "operation": "set",
                        "field_name": name,
                        "old_value": old,
                        "new_value": new,
                    }
                )
        return lines

    def _get_part_lines(self, contact, record, field, commands):
        """:return: values of lines for the entries that commands add, change or remove"""
        Line = self.env["customer.card.change.line"]
        model = self.env[field.comodel_name]
        entries = record[field.name]
        lines = []
        for command in commands or ():
            operation, entry_id = command[0], command[1]
            if operation == 0:
                values = self._read_entry(model, command[2])
                lines.append(self._get_add_values(contact, model._name, values))
                continue
            entry = model.browse(entry_id)
            if operation not in (1, 2, 3) or entry not in entries:
                self._raise_not_proposable(field)
            if operation == 1:
                below = entry if model._name == "res.partner" else contact
                lines += self._get_differences(below, entry, command[2])
            else:
                entry.check_access("read")
                is_contact = model._name == "res.partner"
                lines.append(
                    {
                        "operation": "strike",
                        # contacts can be merged, entries cannot
                        "partner_id": entry.id if is_contact else contact.id,
                        "part_model": model._name,
                        "part_id": False if is_contact else entry.id,
                        "old_value": Line._encode_record(entry),
                    }
                )
        return lines

    def _get_add_values(self, contact, model_name, entry):
        return {
            "operation": "add",
            "partner_id": contact.id,
            "part_model": model_name,
            "new_value": entry,
        }

    def _get_added(self, field, commands):
        """:return: the entries of a new customer: there is nothing else to do with
        them than to add them"""
        model = self.env[field.comodel_name]
        for command in commands or ():
            if command[0] != 0:
                self._raise_not_proposable(field)
        return [self._read_entry(model, command[2]) for command in commands or ()]

    def _read_entry(self, model, values):
        """:return: a new entry as a line stores it, without empty fields"""
        entry = {}
        for name, value in self._filter_proposable(model, values).items():
            field = model._fields[name]
            if field.type == "one2many":
                value = self._get_added(field, value)
            else:
                value = self._read_value(model, name, value)
            usual = name == "type" and value == "contact"
            if (value or value is False) and not usual:
                entry[name] = value
        if not entry:
            raise UserError(
                self.env._(
                    "%(part)s: fill in the new entry, or remove it.",
                    # sudo: the name of a model
                    part=self.env["ir.model"].sudo()._get(model._name).name,
                )
            )
        return entry

    def _read_value(self, record, name, value):
        """:return: a value as ``web_save`` takes it, as a line stores it"""
        field = record._fields[name]
        if field.type == "many2many":
            ids = set(record[name].ids)
            for command in value or ():
                if isinstance(command, int):
                    ids.add(command)
                elif command[0] == 4:
                    ids.add(command[1])
                elif command[0] == 3:
                    ids.discard(command[1])
                elif command[0] == 5:
                    ids = set()
                elif command[0] == 6:
                    ids = set(command[2])
                else:
                    self._raise_not_proposable(field)
            value = ids
        return self.env["customer.card.change.line"]._normalize(
            record.browse(), name, value
        )

    # ------------------------------------------------------------
    # WHITELIST
    # ------------------------------------------------------------

    def _filter_proposable(self, model, values):
        """Leave out what says nothing, refuse what nobody may propose.

        :return: the values of proposable fields
        :raise UserError: naming the first other field
        """
        allowed = model._get_card_proposable_fields()
        proposed = {}
        for name, value in values.items():
            if name in allowed:
                proposed[name] = value
            elif name in model._fields and value not in (False, None, "", 0, []):
                if name not in model._get_card_ignored_fields():
                    self._raise_not_proposable(model._fields[name])
        return proposed

    @api.model
    def _check_values(self, model, values):
        """Check stored values against the whitelist and their fields once more.

        :param model: empty recordset, or None when there is no such model any more
        :param values: ``{field: stored value}``
        :raise UserError: naming the field
        """
        Line = self.env["customer.card.change.line"]
        allowed = model._get_card_proposable_fields() if model is not None else ()
        for name, value in values.items():
            if name not in allowed:
                raise UserError(
                    self.env._(
                        "%(field)s can no longer be proposed. Reject this line.",
                        field=name,
                    )
                )
            field = model._fields[name]
            if field.type == "one2many":
                for entry in value:
                    self._check_values(self.env[field.comodel_name], entry)
                continue
            Line._normalize(model, name, value)

    def _raise_not_proposable(self, field):
        raise UserError(
            self.env._(
                "%(field)s cannot be proposed: ask the custodian of the card about it.",
                field=field._description_string(self.env),
            )
        )
