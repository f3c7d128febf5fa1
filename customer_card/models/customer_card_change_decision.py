from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import LazyTranslate

_lt = LazyTranslate(__name__)


class CustomerCardChange(models.Model):
    """What the approval pipeline asks a proposal: who decides, what must hold, what an
    approval does."""

    _inherit = "customer.card.change"

    # ------------------------------------------------------------
    # WHO
    # ------------------------------------------------------------

    def _approval_departments(self):
        """A new customer is decided in the department that he is reported to."""
        departments = super()._approval_departments()
        # sudo: whoever reports may not read departments
        for change in self.sudo():
            if change.kind == "new":
                departments[change.id] = {change.team_id}
        return departments

    def _approval_deciders(self):
        """The managers; of a card, also those who keep it, where the company says so.
        Never whoever proposed."""
        deciders = super()._approval_deciders()
        barred = self._approval_barred()
        # sudo: who keeps a card is no secret
        for change in self.sudo():
            if (
                change.kind == "change"
                and change._get_company().card_change_custodian_decides
            ):
                keepers = change._get_keepers() - barred[change.id]
                deciders[change.id] |= keepers
        return deciders

    def _get_keepers(self):
        """:return: res.users (sudo): the custodian, and the deputy on his days"""
        self.ensure_one()
        card = self.sudo().partner_id
        keepers = card.card_custodian_id | card.card_deputy_id
        return keepers.filtered(
            lambda user: (
                user.active and card.with_user(user).sudo()._card_maintained_by(user)
            )
        )

    def _get_company(self):
        """:return: res.company (sudo) whose settings count: that of the department,
        else that of whoever proposed"""
        change = self.sudo()
        team = change.partner_id.card_team_id or change.team_id
        return team.company_id or change.requester_id.company_id

    # ------------------------------------------------------------
    # SUBMIT
    # ------------------------------------------------------------

    def action_submit(self):
        result = super().action_submit()
        for change in self:
            # whoever keeps the card knows of it, also where he does not decide
            for keeper in (
                change._get_keepers() - change._approval_deciders()[change.id]
            ):
                change._approval_tell(keeper, _lt("A change of your card is proposed"))
        return result

    def _approval_check_submit(self):
        for change in self:
            if not change.line_ids:
                raise UserError(
                    self.env._(
                        "%(change)s: nothing is proposed yet. Edit the proposal and "
                        "change something.",
                        change=change._approval_names(),
                    )
                )
            if change.kind == "new" and not change.team_id:
                raise UserError(
                    self.env._(
                        "%(change)s: choose the department whose manager is to decide "
                        "about the new customer.",
                        change=change._approval_names(),
                    )
                )
        # a loan may have ended since the proposal was begun
        # sudo: which customers; the check asks for their access
        self._check_subjects(self.sudo().partner_id.sudo(False))
        lines = self.line_ids
        lines._check_targets()
        lines._check_new_values()
        lines._approval_through_door().write(
            {"decision": False, "decision_reason": False, "decided_on": False}
        )
        return super()._approval_check_submit()

    # ------------------------------------------------------------
    # APPROVE
    # ------------------------------------------------------------

    def action_approve(self):
        """Apply what is accepted. A new customer is opened, for the manager to
        complete.

        :return: True, or the action that opens the card of a single new customer
        """
        result = super().action_approve()
        if len(self) == 1 and self.kind == "new":
            return self.action_open_card()
        return result

    def _approval_check_approve(self):
        accepted = self.line_ids._filter_accepted()
        for change in self:
            lines = change.line_ids & accepted
            if not lines:
                raise UserError(
                    self.env._(
                        "%(change)s: every line is rejected. Refuse the proposal "
                        "instead, and say why.",
                        change=change._approval_names(),
                    )
                )
            if change.kind == "new" and not lines._get_name_line():
                raise UserError(
                    self.env._(
                        "%(change)s: a customer needs a name. Accept that line, or "
                        "refuse the report.",
                        change=change._approval_names(),
                    )
                )
        accepted._check_targets()
        accepted._check_new_values()
        accepted._check_conflicts()
        return super()._approval_check_approve()

    def _approval_on_approved(self):
        result = super()._approval_on_approved()
        lines = self.line_ids
        accepted = lines._filter_accepted()
        self._create_reported(accepted)
        accepted.filtered(lambda line: line.change_id.kind == "change")._apply(
            lambda lines: lines._write_lines()
        )
        accepted._approval_through_door().write({"result": "applied"})
        (lines - accepted)._approval_through_door().write({"result": "rejected"})
        self._log_applied()
        self._post_result()
        return result

    def _create_reported(self, accepted):
        """Create the customers that were reported, and open their cards.

        :param accepted: the lines to apply
        """
        for change in self.filtered(lambda change: change.kind == "new"):
            lines = accepted & change.line_ids
            name_line = lines._get_name_line()
            created = {}
            lines._apply(
                lambda part, name_line=name_line, created=created: created.update(
                    # without a name, any other line would fail as well
                    partner=(name_line.with_env(part.env) | part)._create_customer()
                )
            )
            Partner = self.env["res.partner"]
            partner = Partner.browse(created["partner"].id)
            # sudo: who should look after him was suggested by a colleague
            custodian = change.sudo().custodian_id.sudo(False)
            team = change.sudo().team_id.sudo(False)
            Partner._check_card_opening(custodian, team)
            _opened, refused = partner._open_cards(custodian or None, team or None)
            if refused:
                raise UserError(
                    self.env._(
                        "%(change)s: no card can be opened for %(partner)s: %(reason)s",
                        change=change._approval_names(),
                        partner=partner.display_name,
                        reason=refused[partner],
                    )
                )
            if change.card_kind and change.card_kind != partner.card_kind:
                partner.write({"card_kind": change.card_kind})
            change._approval_through_door().write({"partner_id": partner.id})
            change._ask_to_complete()

    def _ask_to_complete(self):
        """Give whoever keeps the new card, else its manager, the task to complete it:
        the report holds the basics only."""
        self.ensure_one()
        card = self.partner_id
        # sudo: who keeps the card gets the to-do
        user = card.sudo().card_custodian_id or self.env.user
        card.activity_schedule(
            "mail.mail_activity_data_todo",
            summary=card.with_context(lang=user.lang).env._("Complete the card"),
            user_id=user.id,
        )

    # ------------------------------------------------------------
    # RECORD
    # ------------------------------------------------------------

    def _log_applied(self):
        """Enter in the ledger who proposed what was applied; the entry itself says who
        approved."""
        self.env["customer.card.event"]._log_requests(
            "change_applied",
            [
                # sudo: the ledger has its own rules for readers
                (change, change.sudo().partner_id, change._describe_applied())
                for change in self
            ],
        )

    def _describe_applied(self):
        self.ensure_one()
        # sudo: a text for the ledger, whose readers have their own rules
        change = self.sudo()
        applied = change.line_ids.filtered(lambda line: line.result == "applied")
        labels = ", ".join(dict.fromkeys(applied.mapped("label")))
        return f"{change.name} · {change.requester_id.name} · {labels}"

    def _post_result(self):
        """Say in the chatter what came of each line, without any value of the card:
        whoever proposed may not see it any more."""
        bodies = {}
        for change in self:
            texts = []
            for result, text in (
                ("applied", self.env._("Applied:")),
                ("rejected", self.env._("Not applied:")),
            ):
                lines = change.line_ids.filtered(
                    lambda line, result=result: line.result == result
                )
                labels = [
                    f"{line.label} ({line.decision_reason})"
                    if line.decision_reason
                    else line.label
                    for line in lines
                ]
                if labels:
                    texts.append(f"{text} {', '.join(labels)}")
            bodies[change.id] = " – ".join(texts)
        self._message_log_batch(bodies=bodies)

    # ------------------------------------------------------------
    # SCHEDULED
    # ------------------------------------------------------------

    @api.autovacuum
    def _gc_drafts(self):
        """Drafts that were begun and never submitted hold values of cards."""
        long_ago = fields.Datetime.subtract(fields.Datetime.now(), days=30)
        self.search(
            [("state", "=", "draft"), ("write_date", "<", long_ago)], limit=1000
        ).unlink()
