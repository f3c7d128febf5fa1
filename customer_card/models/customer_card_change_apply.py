import psycopg2

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import frozendict

# what a client puts into the context of a call does not reach the card
KEPT_CONTEXT = ("lang", "tz", "uid", "allowed_company_ids")


class CustomerCardChangeLine(models.Model):
    """Writing accepted lines, with the rights of whoever decides."""

    _inherit = "customer.card.change.line"

    def _filter_accepted(self):
        """:return: the lines that are not rejected: to approve a proposal accepts what
        nobody has rejected"""
        return self.filtered(lambda line: line.decision != "reject")

    def _check_conflicts(self):
        """:raise UserError: naming the lines whose value has moved since they were
        proposed, unless whoever decides has chosen, knowing the present value"""
        targets = self._get_targets()
        for line in self.filtered(lambda line: line.operation != "add"):
            if line.id not in targets:
                continue
            present = line._get_present(targets[line.id])
            if line._get_status(present) != "conflict":
                continue
            # sudo: the values are out of every client's reach
            if line.decision == "overwrite" and line.sudo().decided_on == [present]:
                continue
            raise UserError(
                self.env._(
                    "%(change)s, %(line)s: the card has changed since this was "
                    "proposed. Compare the three values, and accept or reject the "
                    "line.",
                    change=line.change_id._approval_names(),
                    line=line.label,
                )
            )

    def _get_present(self, target):
        """:return: the present value of what the line changes, stored form"""
        if self.operation == "strike":
            return self._encode_record(target)
        return self._encode(target, self.field_name)

    def _remember_present(self):
        """A decision is about the value that the card has at this moment."""
        targets = self._get_targets()
        for line in self:
            present = None
            if line.operation != "add" and line.id in targets:
                present = [line._get_present(targets[line.id])]
            line._approval_through_door().write({"decided_on": present})

    # ------------------------------------------------------------
    # APPLY
    # ------------------------------------------------------------

    def _with_clean_context(self):
        context = self.env.context
        return self.with_env(
            self.env(
                context=frozendict(
                    {key: context[key] for key in KEPT_CONTEXT if key in context}
                )
            )
        )

    def _apply(self, write):
        """Write the lines of proposals, as the user.

        :param write: function that writes a set of these lines
        :raise UserError: naming the first line that cannot be written; nothing of this
            transaction stays then
        """
        lines = self._with_clean_context()
        if not (error := lines._try_apply(write)):
            return
        culprit, reason = lines, error
        for line in lines if len(lines) > 1 else ():
            with self.env.cr.savepoint() as savepoint:
                line_error = line._try_apply(write)
                savepoint.rollback()
            if line_error:
                culprit, reason = line, line_error
                break
        raise UserError(
            self.env._(
                "%(changes)s, %(lines)s: this cannot be written, so nothing was. "
                "%(reason)s",
                changes=culprit.change_id._approval_names(),
                lines=", ".join(culprit.mapped("label")),
                reason=reason,
            )
        ) from error

    def _try_apply(self, write):
        """:return: None, or the error of the user or of the database"""
        try:
            with self.env.cr.savepoint():
                write(self)
        except (UserError, psycopg2.IntegrityError, psycopg2.DataError) as error:
            return error
        return None

    def _write_lines(self):
        """The lines of one contact or entry in one write, all entries to add of one
        kind in one create."""
        targets = self._get_targets()
        changed = self.filtered(lambda line: line.operation == "set")
        for target, same in changed.grouped(lambda line: targets[line.id]).items():
            same._apply_set(target)
        added = self.filtered(lambda line: line.operation == "add")
        for same in added.grouped("part_model").values():
            same._apply_add(targets)
        struck = self.filtered(lambda line: line.operation == "strike")
        for same in struck.grouped("part_model").values():
            same._apply_strike(targets)

    def _apply_set(self, target):
        values = {}
        # sudo: the values are out of every client's reach; they are written as the user
        for line in self.sudo():
            field = target._fields[line.field_name]
            values[line.field_name] = self._get_write_value(field, line.new_value)
        target.write(values)

    def _apply_add(self, targets):
        self.env[self[0].part_model].create(
            [line._get_create_values(targets[line.id]) for line in self]
        )

    def _apply_strike(self, targets):
        records = self.env[self[0]._get_model_name()].browse(
            targets[line.id].id for line in self
        )
        if records._name == "res.partner":
            # the proposal says why
            records._card_strike_out(", ".join(self.change_id.mapped("name")))
        else:
            records.action_strike_out()

    # ------------------------------------------------------------
    # VALUES
    # ------------------------------------------------------------

    @api.model
    def _get_write_value(self, field, value):
        """:return: a stored value, as ``write`` takes it"""
        if field.type == "many2many":
            return [(6, 0, value or [])]
        if field.type == "one2many":
            comodel = self.env[field.comodel_name]
            return [(0, 0, self._get_entry_values(comodel, entry)) for entry in value]
        return False if value is None else value

    @api.model
    def _get_entry_values(self, model, entry):
        return {
            name: self._get_write_value(model._fields[name], value)
            for name, value in entry.items()
        }

    def _get_create_values(self, contact):
        """:return: the values of the entry that the line adds to ``contact``"""
        # sudo: the values are out of every client's reach; they are written as the user
        values = self._get_entry_values(
            self.env[self.part_model], self.sudo().new_value or {}
        )
        parent = "parent_id" if self.part_model == "res.partner" else "partner_id"
        return {**values, parent: contact.id}

    def _create_customer(self):
        """Create the customer that these lines report, as the user.

        :return: res.partner
        """
        Partner = self.env["res.partner"]
        basics = self.filtered(lambda line: line.operation == "set")
        partner = Partner.create(
            {
                # sudo: the values are out of every client's reach
                line.field_name: self._get_write_value(
                    Partner._fields[line.field_name], line.sudo().new_value
                )
                for line in basics
            }
            | {"is_company": self.change_id.is_company}
        )
        for same in (self - basics).grouped("part_model").values():
            same._apply_add(dict.fromkeys(same.ids, partner))
        return partner
