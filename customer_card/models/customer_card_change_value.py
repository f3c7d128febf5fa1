from datetime import datetime

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import html2plaintext, plaintext2html

from ..tools.value_text import DECIMAL_TYPES, scalar_text

TEXT_TYPES = ("char", "text", "html")
# what a line may hold; everything else is never proposed
PROPOSABLE_TYPES = (
    *TEXT_TYPES,
    *DECIMAL_TYPES,
    "integer",
    "boolean",
    "date",
    "datetime",
    "selection",
    "many2one",
    "many2many",
)


class CustomerCardChangeLine(models.Model):
    """The values of a line: how they are stored, compared, shown, typed.

    Stored (JSON): texts as they are, without blanks around; numbers; ``true`` and
    ``false``; dates as ``2026-05-31``, datetimes as ``2026-05-31 08:00:00`` (UTC);
    selections by their key; many2one as an id; many2many as a sorted list of ids; an
    entry to add, or to strike out, as ``{field: value}``; nothing as ``null``.
    """

    _inherit = "customer.card.change.line"

    # ------------------------------------------------------------
    # STORE AND COMPARE
    # ------------------------------------------------------------

    @api.model
    def _is_proposable_type(self, field):
        """:return: whether a line can hold a value of this field"""
        return (
            field.store
            and field.type in PROPOSABLE_TYPES
            and field.comodel_name not in ("res.users", "res.company", "ir.attachment")
        )

    @api.model
    def _encode(self, record, name):
        """:return: the present value of a field, as a line stores it"""
        return self._encode_value(record._fields[name], record[name])

    @api.model
    def _encode_value(self, field, value):
        if field.type == "many2one":
            return value.id or None
        if field.type == "many2many":
            return sorted(value.ids)
        if field.type == "boolean":
            return bool(value)
        if field.type == "integer":
            return int(value or 0)
        if field.type in DECIMAL_TYPES:
            return float(value or 0)
        if field.type in ("date", "datetime"):
            return field.to_string(value) or None
        if field.type in TEXT_TYPES:
            return str(value or "").strip() or None
        return value or None

    @api.model
    def _normalize(self, model, name, value):
        """Check a value that comes from a client, but for links (see
        ``_check_links``).

        :param model: empty recordset
        :param value: as a client sends it to ``web_save``; many2many as ids
        :return: the value as a line stores it
        :raise UserError: naming the field, when the value does not fit
        """
        field = model._fields[name]
        try:
            if field.type == "many2one":
                if isinstance(value, dict):
                    value = value.get("id")
                return int(value) if value else None
            if field.type == "many2many":
                return sorted({int(target_id) for target_id in value or ()})
            if field.type == "boolean":
                return bool(value)
            if field.type in DECIMAL_TYPES and isinstance(value, bool):
                value = 0
            if field.type == "selection":
                if value and value not in field.get_values(self.env):
                    raise ValueError
                return value or None
            if field.type in TEXT_TYPES and not isinstance(value or "", str):
                raise ValueError
            cached = field.convert_to_cache(value or False, model)
            return self._encode_value(field, field.convert_to_record(cached, model))
        except (TypeError, ValueError, OverflowError):
            raise UserError(
                self.env._(
                    "%(field)s: %(value)s cannot be a value of this field.",
                    field=field._description_string(self.env),
                    value=str(value)[:100],
                )
            ) from None

    @api.model
    def _is_same(self, field, one, other):
        """:return: whether two stored values are the same for whoever reads them"""
        if field.type in DECIMAL_TYPES:
            return abs((one or 0) - (other or 0)) < 1e-6
        if field.type == "html":
            return html2plaintext(one or "") == html2plaintext(other or "")
        return (one or None) == (other or None)

    def _get_new_links(self):
        """:return: ``{comodel name: {id: lines}}`` of all records that the proposed
        values of these lines point at"""
        links = {}

        def collect(line, model, values):
            for name, value in values.items():
                field = model._fields.get(name)
                if field is None or not value:
                    continue
                if field.type == "one2many":
                    for entry in value:
                        collect(line, self.env[field.comodel_name], entry)
                elif field.relational:
                    ids = value if isinstance(value, list) else [value]
                    for target_id in ids:
                        found = links.setdefault(field.comodel_name, {})
                        found[target_id] = found.get(target_id, self.browse()) | line

        # sudo: the values are out of every client's reach
        for line in self.sudo():
            model = self.env.get(line._get_model_name())
            if model is None or line.operation == "strike":
                continue
            if line.operation == "add":
                collect(line.sudo(False), model, line.new_value or {})
            else:
                collect(line.sudo(False), model, {line.field_name: line.new_value})
        return links

    def _check_links(self):
        """Whatever a proposal points at has to be there, and in sight of whoever
        proposes or decides: no proposal finds out what is hidden.

        :raise AccessError: naming the line, never what it points at
        """
        for model_name, lines_by_id in self._get_new_links().items():
            targets = self.env[model_name].browse(lines_by_id)
            visible = targets.exists()._filtered_access("read")
            for target in targets - visible:
                lines_by_id[target.id]._raise_hidden_link()

    def _check_new_values(self):
        """Check the proposed values once more: fields and selections may have changed,
        what they point at may be gone.

        :raise UserError, AccessError: naming the line
        """
        self._check_links()
        # sudo: the values are out of every client's reach
        for line in self.sudo():
            model = self.env.get(line._get_model_name())
            allowed = model is not None and model._get_card_proposable_fields()
            if line.operation == "strike" and allowed:
                continue
            values = (
                {line.field_name: line.new_value}
                if line.operation == "set"
                else line.new_value or {}
            )
            self.env["customer.card.change"]._check_values(model, values)

    # ------------------------------------------------------------
    # SHOW
    # ------------------------------------------------------------

    @api.model
    def _format(self, model, name, value):
        """:return: a stored value as the user reads it; of links those that he may
        see"""
        field = model._fields.get(name)
        if field is None or value is None or value == []:
            return ""
        if field.type == "one2many":
            comodel = self.env[field.comodel_name]
            return "; ".join(self._format_entry(comodel, entry) for entry in value)
        if field.relational:
            ids = value if isinstance(value, list) else [value]
            targets = self.env[field.comodel_name].browse(ids).exists()
            return ", ".join(targets._filtered_access("read").mapped("display_name"))
        return scalar_text(self.env, field, value)

    @api.model
    def _format_entry(self, model, values):
        """:return: the fields of an entry in one text"""
        texts = []
        for name, value in (values or {}).items():
            text = value is not False and self._format(model, name, value)
            if text and name in model._fields:
                label = model._fields[name]._description_string(self.env)
                texts.append(f"{label}: {text}")
        return "\n".join(texts)

    @api.depends_context("uid", "lang")
    @api.depends("new_value")
    def _compute_new_text(self):
        for line in self:
            # sudo: whoever sees a line may see what is proposed
            value = line.sudo().new_value
            model = self.env.get(line._get_model_name())
            if model is None or line.operation == "strike":
                line.new_text = False
            elif line.operation == "add":
                line.new_text = self._format_entry(model, value)
            else:
                line.new_text = self._format(model, line.field_name, value)

    @api.depends_context("uid", "lang")
    @api.depends("old_value", "new_value", "change_id.state")
    def _compute_card_texts(self):
        """Old and present values, for whoever may read the card at this moment."""
        targets = self._get_visible_targets()
        missing = self._origin.filtered(lambda line: line.id not in targets)
        # sudo: whether it is gone for everybody, or only out of the user's sight
        hidden = missing.sudo()._get_targets()
        for line in self:
            line_id = line._origin.id
            line.old_text = line.present_text = False
            undecided = line.change_id.state in ("draft", "submitted")
            line.status = "open" if undecided else False
            target = targets.get(line_id)
            model = self.env.get(line._get_model_name())
            if model is None or (target is None and not line._is_for_new_customer()):
                gone = undecided and line_id not in hidden
                line.status = "gone" if gone else False
            elif target is not None and line.operation != "add":
                present = line._get_present(target)
                # sudo: the old value, of a card that the user may read
                old = line.sudo().old_value
                line.old_text = line._format_value(model, old)
                line.present_text = line._format_value(model, present)
                if undecided:
                    line.status = line._get_status(present)

    def _format_value(self, model, value):
        """:return: an old or present value of the line as the user reads it"""
        if self.operation == "strike":
            return self._format_entry(model, value)
        return self._format(model, self.field_name, value)

    def _get_status(self, present):
        """:param present: the present value, stored form
        :return: one of the values of ``status``"""
        # sudo: the values are out of every client's reach
        line = self.sudo()
        if line.operation == "strike":
            if present.get("active") is False:
                return "done"
            return "open" if present == line.old_value else "conflict"
        field = self.env[line._get_model_name()]._fields[line.field_name]
        if self._is_same(field, present, line.new_value):
            return "done"
        return "open" if self._is_same(field, present, line.old_value) else "conflict"

    @api.model
    def _encode_record(self, record):
        """:return: what may be proposed of an entry, as ``{field: value}``"""
        names = [
            name
            for name in sorted(record._get_card_proposable_fields())
            if record._fields[name].type != "one2many"
        ]
        values = {name: self._encode(record, name) for name in names}
        return {name: value for name, value in values.items() if value} | {
            "active": record.active
        }

    # ------------------------------------------------------------
    # TYPE
    # ------------------------------------------------------------

    def _inverse_new_text(self):
        """The proposed value of a draft, typed as text.

        :raise UserError: naming the field, when the text cannot be read
        """
        self._check_draft()
        for line in self:
            model = self.env.get(line._get_model_name())
            if line.operation != "set" or model is None:
                raise UserError(
                    self.env._(
                        "%(line)s: an entry is edited as a whole. Delete the line and "
                        "edit the proposal again.",
                        line=line.label,
                    )
                )
            value = line._parse(model, line.field_name, line.new_text or "")
            value = self._normalize(model, line.field_name, value)
            line._approval_through_door().write({"new_value": value})
        self._check_new_values()

    @api.model
    def _parse(self, model, name, text):
        """:param text: what a user typed
        :return: a value for ``_normalize``
        :raise UserError: naming the field, when the text cannot be read"""
        field = model._fields[name]
        text = text.strip()
        if not text:
            return False
        try:
            return self._parse_text(field, text)
        except ValueError:
            raise UserError(
                self.env._(
                    "%(field)s: “%(text)s” cannot be read as a value of this field. "
                    "Type it as the form shows it.",
                    field=field._description_string(self.env),
                    text=text[:100],
                )
            ) from None

    @api.model
    def _parse_text(self, field, text):
        if field.type == "html":
            return plaintext2html(text)
        if field.type == "boolean":
            words = {self.env._("Yes").lower(): True, self.env._("No").lower(): False}
            return self._pick(words, text)
        if field.type == "selection":
            labels = {
                word.lower(): key
                for key, label in field._description_selection(self.env)
                for word in (key, label)
            }
            return self._pick(labels, text)
        if field.type in ("integer", *DECIMAL_TYPES):
            return self._parse_number(field, text)
        if field.type == "date":
            return self._parse_date(text)
        if field.type == "datetime":
            return fields.Datetime.to_datetime(text)
        if field.type == "many2one":
            return self._find_by_name(field, text)
        if field.type == "many2many":
            return [
                self._find_by_name(field, name.strip())
                for name in text.split(",")
                if name.strip()
            ]
        return text

    @api.model
    def _pick(self, words, text):
        if text.lower() not in words:
            raise ValueError
        return words[text.lower()]

    @api.model
    def _parse_number(self, field, text):
        lang = self.env["res.lang"]._get_data(code=self.env.user.lang or "en_US")
        text = text.replace(lang.thousands_sep or "\N{NO-BREAK SPACE}", "")
        number = float(text.replace(lang.decimal_point or ".", "."))
        if field.type == "integer" and number != int(number):
            raise ValueError
        return int(number) if field.type == "integer" else number

    @api.model
    def _parse_date(self, text):
        try:
            return fields.Date.to_date(text)
        except ValueError:
            lang = self.env["res.lang"]._get_data(code=self.env.user.lang or "en_US")
            return datetime.strptime(text, lang.date_format).date()

    @api.model
    def _find_by_name(self, field, text):
        """:return: the id of the one record of this name that the user may see"""
        model = self.env[field.comodel_name]
        for operator in ("=", "=ilike", "ilike"):
            found = model.search([(model._rec_name or "name", operator, text)], limit=2)
            if len(found) == 1:
                return found.id
        raise ValueError
