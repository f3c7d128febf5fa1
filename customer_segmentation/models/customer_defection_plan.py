from odoo import fields, models
from odoo.exceptions import UserError


class CustomerDefection(models.Model):
    """The plan to win a customer back. Its steps become visits, promises and to-dos when
    it starts, with the rights of whoever starts it."""

    _inherit = "customer.defection"

    def action_propose_plan(self):
        """Add the usual steps for this kind of defection, on days counted from today.

        :raise AccessError: for cards that the user does not keep
        :raise UserError: when no steps are set up, or the plan has steps already
        """
        self._take_defections(("confirmed", "winback"))
        today = self.env.user._card_today()
        usual = self.env["customer.winback.step"].search(
            [("kind", "in", [False, *self.mapped("kind")])]
        )
        vals_list = []
        for defection in self:
            steps = usual.filtered(
                lambda step, kind=defection.kind: step.kind in (False, kind)
            )
            if defection.step_ids or not steps:
                raise UserError(
                    self.env._(
                        "%(customer)s: the plan has steps already. Change them, or "
                        "delete them first.",
                        customer=defection.partner_id._get_card_names(),
                    )
                    if defection.step_ids
                    else self.env._(
                        "No steps are set up for this kind of defection. Add your own, "
                        "or ask an administrator for usual ones."
                    )
                )
            vals_list += [
                {
                    "defection_id": defection.id,
                    "sequence": step.sequence,
                    "name": step.name,
                    "method": step.method,
                    "user_id": (defection.user_id or self.env.user).id,
                    "date_due": fields.Date.add(today, days=step.days),
                }
                for step in steps
            ]
        self.env["customer.defection.step"].create(vals_list)
        return True

    def action_start_plan(self):
        """The plan begins: its steps are planned. Called again, it plans the steps that
        were added meanwhile.

        :raise AccessError: for cards that the user does not keep
        :raise UserError: for a plan without steps, or with steps in the past
        """
        self._take_defections(("confirmed", "winback"))
        today = self.env.user._card_today()
        for defection in self:
            steps = defection.step_ids.filtered(lambda step: step.state == "draft")
            if not steps:
                raise UserError(
                    self.env._(
                        "%(customer)s: the plan has no step to start. Add what is to be "
                        "done, by whom and until when.",
                        customer=defection.partner_id._get_card_names(),
                    )
                )
            if late := steps.filtered(lambda step: step.date_due < today):
                raise UserError(
                    self.env._(
                        "%(step)s: its day has passed. Choose another one.",
                        step=late[0].name,
                    )
                )
            steps._start()
        begun = self.filtered(lambda one: one.state == "confirmed")
        begun._move_defections("winback", date_start=today)
        return True

    def _drop_steps(self):
        """Nobody goes on with the plan: to-dos go, planned visits and promises stay
        with those who made them; what was not begun is dropped."""
        steps = self.step_ids.filtered(lambda step: step.state in ("draft", "open"))
        todos = steps.filtered(lambda step: step.activity_id or step.state == "draft")
        # sudo: to-dos belong to whoever was to do them
        activities = todos.sudo().activity_id
        todos._through_defection_door().write({"is_dropped": True})
        activities.unlink()
