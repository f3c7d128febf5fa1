from odoo import models

# When one of these changes, somebody else keeps the card.
DUTY_FIELDS = {
    "card_custodian_id",
    "card_team_id",
    "card_deputy_id",
    "card_deputy_from",
    "card_deputy_until",
}


class ResPartner(models.Model):
    """Who gets the to-dos of a card's contracts and needs."""

    _inherit = "res.partner"

    def _get_card_duty_users(self):
        """Who looks after these contacts today.

        :return: ``{partner id: res.users}``: the deputy in his dates, else the
            custodian, else the manager of the department or one above; empty where
            there is nobody
        """
        # sudo: whose duty it is, is no secret
        partners = self.sudo()
        today = {user: user._card_today() for user in partners.card_deputy_id}
        managers = {
            team: team.user_id.filtered("active") or team._get_card_managers()[:1]
            for team in partners.card_team_id
        }
        duty = {}
        for partner in partners:
            deputy = partner.card_deputy_id
            if (
                deputy.active
                and (partner.card_deputy_from or today[deputy]) <= today[deputy]
                and today[deputy] <= (partner.card_deputy_until or today[deputy])
            ):
                duty[partner.id] = deputy
            elif partner.card_custodian_id.active:
                duty[partner.id] = partner.card_custodian_id
            else:
                duty[partner.id] = managers.get(
                    # sudo: the managers of departments are no secret
                    partner.card_team_id,
                    self.env["res.users"].sudo(),
                )
        return duty

    def _write_card_fields(self, vals):
        result = super()._write_card_fields(vals)
        if vals.get("card_state") == "closed" or DUTY_FIELDS & vals.keys():
            lines = [("card_root_id", "in", self.ids)]
            # sudo: these to-dos belong to the keepers of the card, whoever changes them
            contracts = self.env["customer.card.contract"].sudo().search(lines)
            if vals.get("card_state") == "closed":
                contracts._clear_reminders()
                needs = self.env["customer.card.consumption"].sudo().search(lines)
                needs._clear_followups()
            else:
                contracts._reassign_reminders()
        return result

    def _release_card_borrower(self, borrower):
        result = super()._release_card_borrower(borrower)
        # sudo: whoever ends a loan has no rights on the borrower's affairs
        contracts = (
            self.env["customer.card.contract"]
            .sudo()
            .with_context(active_test=False)
            .search([("card_root_id", "in", self.ids)])
        )
        if contracts:
            contracts.message_unsubscribe(borrower.partner_id.ids)
            contracts.activity_ids.filtered(
                lambda todo: todo.user_id == borrower
            ).unlink()
        return result
