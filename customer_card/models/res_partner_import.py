from odoo import api, models

CUSTODIAN = "card_custodian_id"


class ResPartner(models.Model):
    """Odoo's import finds a user by name or login; address lists often have e-mails."""

    _inherit = "res.partner"

    @api.model
    def load(self, fields, data):
        if CUSTODIAN in fields:
            column = fields.index(CUSTODIAN)
            logins = self._get_logins_by_email({row[column] for row in data})
            data = [
                [
                    logins.get(value.strip().lower(), value)
                    if index == column and isinstance(value, str)
                    else value
                    for index, value in enumerate(row)
                ]
                for row in data
            ]
        return super().load(fields, data)

    @api.model
    def _get_logins_by_email(self, values):
        """:param values: what stands in the custodian column of a file
        :return: ``{e-mail: login}`` of the internal users whose e-mail, but not whose
            login, is among the values"""
        emails = {
            value.strip().lower()
            for value in values
            if isinstance(value, str) and "@" in value
        }
        if not emails:
            return {}
        Users = self.env["res.users"]
        users = Users.search([("login", "in", sorted(emails))])
        unknown = emails - set(users.mapped("login"))
        found = Users.search(
            [
                ("share", "=", False),
                ("partner_id.email_normalized", "in", sorted(unknown)),
            ]
        )
        return {user.email_normalized: user.login for user in found}
