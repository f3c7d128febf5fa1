from odoo import api, models


class MailActivity(models.Model):
    """To-dos that the system gives to the people who look after the cards."""

    _inherit = "mail.activity"

    @api.model
    def _schedule_card_todos(self, todos, activity_type="mail.mail_activity_data_todo"):
        """Give users to-dos, all of them at once and without an e-mail for each.

        The caller has checked that they are to be told; each of them reads the record
        with his own rights.

        :param todos: list of ``(record, user, values)``, where ``values`` has
            ``date_deadline`` and ``summary`` (in the user's language), and may have
            ``note`` and ``automated``
        :param activity_type: XML id of their type
        :return: the to-dos, in the order of ``todos`` (sudo: they belong to the users)
        """
        type_id = self.env.ref(activity_type).id
        IrModel = self.env["ir.model"]
        # sudo: to-dos for other people, about records that they may know of already
        return (
            self.sudo()
            .with_context(mail_activity_quick_update=True)
            .create(
                [
                    {
                        "activity_type_id": type_id,
                        "automated": True,
                        "res_id": record.id,
                        "res_model_id": IrModel._get_id(record._name),
                        "user_id": user.id,
                        **values,
                    }
                    for record, user, values in todos
                ]
            )
        )
