from odoo import api, fields, models
from odoo.tools import plaintext2html


class EventRegistration(models.Model):
    """Whoever was at a customer meeting, a seminar or a fair was contacted (K02)."""

    _inherit = "event.registration"

    @api.model_create_multi
    def create(self, vals_list):
        registrations = super().create(vals_list)
        registrations._record_attendance()
        return registrations

    def write(self, vals):
        result = super().write(vals)
        if {"state", "partner_id", "active"} & vals.keys():
            self._record_attendance()
        return result

    def _record_attendance(self):
        """Bring the visits of these events up to date: one for each event and card
        from which somebody attended, none where nobody did after all."""
        # sudo: the desk lets people in, and needs no right on their cards for it
        registrations = self.sudo()
        cards = registrations.partner_id.card_root_id
        visits = (
            self.env["customer.visit"]
            .sudo()
            .search([("event_id", "in", registrations.event_id.ids)])
        )
        cards |= visits.partner_id
        if not cards:
            return
        attended = {}
        for one in registrations.search(
            [
                ("event_id", "in", registrations.event_id.ids),
                ("partner_id.card_root_id", "in", cards.ids),
                ("state", "=", "done"),
            ]
        ):
            key = (one.event_id, one.partner_id.card_root_id)
            attended[key] = attended.get(key, one.browse()) | one
        for visit in visits:
            guests = attended.pop((visit.event_id, visit.partner_id), None)
            if not guests:
                visit.unlink()
            elif missing := (guests.partner_id - visit.partner_id) - visit.contact_ids:
                visit.contact_ids |= missing
        if attended:
            self.env["customer.visit"].sudo()._log_contacts(
                [
                    event._get_attendance_values(card, guests)
                    for (event, card), guests in attended.items()
                ]
            )


class EventEvent(models.Model):
    """What the attendance at an event is on a card."""

    _inherit = "event.event"

    def _get_attendance_values(self, card, registrations):
        """:return: values of the visit by which ``card`` attended this event"""
        self.ensure_one()
        start, end = self._get_attendance_time()
        # who runs the event, else who keeps the card
        user = self.user_id if self.user_id.active else card.card_custodian_id
        user = user or self.env.user
        names = ", ".join(name for name in registrations.mapped("name") if name)
        return {
            "partner_id": card.id,
            "contact_ids": [fields.Command.set((registrations.partner_id - card).ids)],
            "user_id": user.id,
            "company_id": self.env["customer.visit"]._get_contact_company(user).id,
            "method": "meeting",
            "date_start": start,
            "date_end": end,
            "report": plaintext2html(
                self.env._(
                    "Attended %(event)s: %(names)s", event=self.name, names=names
                )
            ),
            "event_id": self.id,
            "origin": "event",
        }

    def _get_attendance_time(self):
        """:return: ``(start, end)``; of an event that goes on, until now"""
        now = fields.Datetime.now()
        start = min(self.date_begin, now)
        return start, max(start, min(self.date_end, now))


class CustomerVisit(models.Model):
    """Contacts that were made at an event."""

    _inherit = "customer.visit"

    event_id = fields.Many2one(
        "event.event",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
    )
