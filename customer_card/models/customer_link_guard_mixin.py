from odoo import api, models
from odoo.exceptions import AccessError

from ..exceptions import CardAccessError


class CustomerLinkGuardMixin(models.AbstractModel):
    """Refuses to link a customer that the user may not see.

    Odoo has no right "to link to": by the bare id anybody can put a hidden customer
    on a document of his own, whose computed fields then copy phone and e-mail as the
    superuser. Models with a partner inherit this mixin; every newly linked partner is
    checked on the server, in ``create``, ``write`` and ``onchange``.
    """

    _name = "customer.link.guard.mixin"
    _description = "Guard of Links to Customers"

    # documents whose own names tell about a customer: what a form links is read by name
    _guarded_document_models = frozenset()

    @api.model
    def _get_guarded_partner_fields(self):
        """:return: names of the stored fields of this model that a client can point
        at a partner"""
        return [
            name
            for name, field in self._fields.items()
            if field.comodel_name == "res.partner"
            and field.type in ("many2one", "many2many")
            and field.store
            and name not in ("create_uid", "write_uid", "card_root_id")
        ]

    @api.model
    def _get_system_link_fields(self):
        """:return: names of the fields that methods alone set, and by which they find
        what else to change. Hook: a view that shows a field read-only keeps no client
        from writing it."""
        return frozenset()

    @api.model_create_multi
    def create(self, vals_list):
        names = () if self.env.su else self._get_system_link_fields()
        if names:
            for vals in vals_list:
                self._check_system_links(vals)
            # nor by a default in the context
            vals_list = [{**vals, **dict.fromkeys(names, False)} for vals in vals_list]
        self._check_partner_links([*vals_list, self._get_default_links(vals_list)])
        return super().create(vals_list)

    def write(self, vals):
        self._check_system_links(vals)
        self._check_partner_links([vals])
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        defaults = {} if self else self._get_default_links([values])
        self._check_partner_links([values, defaults])
        return super().onchange(values, field_names, fields_spec)

    @api.model
    def _get_default_links(self, vals_list):
        """What a new record links by default counts as well: a client sends defaults
        in the context, and keeps its own in the database.

        :return: ``{field: value}`` of what is not in all values
        """
        if self.env.su:
            return {}
        missing = [
            name
            for name in (
                *self._get_guarded_partner_fields(),
                *self._get_guarded_document_fields(),
            )
            if any(name not in vals for vals in vals_list)
        ]
        return self.default_get(missing) if missing else {}

    def _check_system_links(self, vals):
        """:raise AccessError: when a client writes a link that methods alone set"""
        names = sorted(self._get_system_link_fields() & vals.keys())
        if not self.env.su and any(vals[name] for name in names):
            raise AccessError(
                self.env._(
                    "%(document)s: %(fields)s is set by the system.",
                    document=self._description,
                    fields=", ".join(
                        self._fields[name]._description_string(self.env)
                        for name in names
                    ),
                )
            )

    def _check_partner_links(self, vals_list):
        """:raise CardAccessError: when a value links a partner that the user may not
        read and that the records do not hold already"""
        if self.env.su:
            return
        self._check_document_links(vals_list)
        linked = set()
        for name in self._get_guarded_partner_fields():
            present = None
            for vals in vals_list:
                if not vals.get(name):
                    continue
                if present is None:
                    # sudo: which links are there already; nothing of them is shown
                    present = set(self.sudo()[name].ids)
                linked |= self._get_linked_ids(name, vals[name]) - present
        if not linked:
            return
        Partner = self.env["res.partner"]
        # an id that does not exist is the business of the foreign key
        partners = Partner.browse(sorted(linked)).sudo().exists().sudo(False)
        if hidden := partners - self._filter_linkable_partners(partners):
            raise CardAccessError(
                self.env._(
                    "You chose a customer whose card you may not open. Ask the "
                    "department manager for it first."
                ),
                hidden.ids,
            )

    @api.model
    def _get_guarded_document_fields(self):
        """:return: names of the stored fields of this model that a client can point
        at a document about a customer"""
        return [
            name
            for name, field in self._fields.items()
            if field.comodel_name in self._guarded_document_models
            and field.type == "many2one"
            and field.store
        ]

    def _check_document_links(self, vals_list):
        """:raise CardAccessError: when a value links a document that the user may not
        read and that the records do not hold already"""
        for name in self._get_guarded_document_fields():
            linked = set()
            for vals in vals_list:
                linked |= self._get_linked_ids(name, vals.get(name))
            if not linked:
                continue
            # sudo: which links are there already; nothing of them is shown
            linked -= set(self.sudo()[name].ids)
            Document = self.env[self._fields[name].comodel_name]
            documents = Document.browse(sorted(linked)).sudo().exists().sudo(False)
            if documents - documents._filtered_access("read"):
                raise CardAccessError(
                    self.env._(
                        "%(field)s: you chose a document of a customer whose card you "
                        "may not open.",
                        field=self._fields[name]._description_string(self.env),
                    )
                )

    @api.model
    def _filter_linkable_partners(self, partners):
        """:return: those that the user may put on a record of this model: by default
        all that he may read"""
        return partners._filtered_access("read")

    @api.model
    def _get_linked_ids(self, name, value):
        """:return: the partner ids that ``value`` links, as a client or Python sends it"""
        if isinstance(value, models.BaseModel):
            return set(value.ids)
        if self._fields[name].type == "many2one":
            if isinstance(value, dict):
                value = value.get("id")
            return {value} if isinstance(value, int) and value else set()
        ids = set()
        for command in value if isinstance(value, (list, tuple)) else ():
            if isinstance(command, int):
                ids.add(command)
            elif command[0] in (1, 4):
                ids.add(command[1])
            elif command[0] == 6:
                ids |= set(command[2])
        return ids
