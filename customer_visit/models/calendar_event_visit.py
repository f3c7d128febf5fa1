from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .customer_visit_calendar import QUIET

# of a series of meetings the next ones are planned, the cron adds to them
HORIZON_DAYS = 60
BATCH = 100
WATCHED = {
    "active",
    "allday",
    "duration",
    "partner_ids",
    "start",
    "start_date",
    "stop",
    "stop_date",
    "user_id",
}


class CalendarEvent(models.Model):
    """A meeting with a customer who has a card is a planned visit: moved or called off
    in the calendar, so is the visit."""

    _inherit = "calendar.event"

    visit_ids = fields.One2many(
        "customer.visit",
        "calendar_event_id",
        "Visits",
        groups="base.group_user",
        copy=False,
    )

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        events._plan_visits()
        return events

    def write(self, vals):
        names = set(vals)
        result = super().write(vals)
        if WATCHED & names:
            events = self.exists()
            events._move_visits()
            if {"active", "partner_ids"} & names:
                events._plan_visits()
        return result

    def unlink(self):
        # sudo: who may delete the meeting has called it off
        visits = self.sudo().visit_ids._filter_planned()
        result = super().unlink()
        visits._call_off_meeting()
        return result

    def _get_activity_excluded_models(self):
        # the meeting of a visit needs no activity on the visit
        return [*super()._get_activity_excluded_models(), "customer.visit"]

    # ------------------------------------------------------------
    # VISITS
    # ------------------------------------------------------------

    def _move_visits(self):
        """Give the planned visits the time and the organiser of their meetings."""
        # sudo: who may write the meeting moves what it stands for
        for event in self.sudo().with_context(active_test=False):
            visits = event.visit_ids._filter_planned()
            if not event.active:
                visits._call_off_meeting()
                continue
            for visit in visits:
                if values := event._get_moved_values(visit):
                    visit.write(values)

    def _get_moved_values(self, visit):
        """:return: what differs on a planned visit from this meeting"""
        self.ensure_one()
        values = {}
        start = self._get_visit_start(visit.user_id)
        if visit.date_planned != start:
            values["date_planned"] = start
        if (
            not self.allday
            and self.duration
            and visit.duration_planned != self.duration
        ):
            values["duration_planned"] = self.duration
        if self.user_id and not self.user_id.share and visit.user_id != self.user_id:
            # whoever takes part is the visitor, where the organiser may not be
            attending = self._get_attendee_ids().get(self.id, [])
            if visit.user_id.partner_id.id not in attending:
                values["user_id"] = self.user_id.id
        return values

    def _get_visit_start(self, user):
        """:return: datetime in UTC: the start, or the usual hour of a whole day"""
        self.ensure_one()
        if not self.allday:
            return self.start
        return self.env["customer.visit"]._get_usual_time(user, self.start_date)

    def _plan_visits(self):
        """Plan a visit for every customer with a card in these meetings, as far as they
        lie ahead and somebody takes part who may open the card. What is planned
        already is left alone; who is no longer invited is no longer visited."""
        now = fields.Datetime.now()
        # sudo: whom a meeting is with; the access of its visitor is checked
        events = self.sudo().filtered(
            lambda event: (
                event.active
                and event.res_model != "customer.visit"
                and now < event.stop
                and event.start < now + timedelta(days=HORIZON_DAYS)
            )
        )
        attendee_ids = events._get_attendee_ids()
        Partner = self.env["res.partner"].sudo()
        invited = {
            event: Partner.browse(attendee_ids.get(event.id)) for event in events
        }
        customers_of = {
            event: event._get_visit_customers(invited[event]) for event in events
        }
        may_visit = events._get_card_readers(invited, customers_of)
        vals_list = []
        for event in events:
            customers = customers_of[event]
            visits = event.visit_ids.filtered(lambda visit: visit.state != "cancelled")
            gone = visits.filtered(
                lambda visit, cards=customers: visit.partner_id not in cards
            )
            gone._filter_planned()._call_off_meeting()
            for card, contacts in customers.items():
                if card in visits.partner_id or event._adopt_visit(card):
                    continue
                if user := event._get_visitor(card, invited[event], may_visit):
                    vals_list.append(event._get_visit_values(card, contacts, user))
        if vals_list:
            # sudo: as above
            visits = self.env["customer.visit"].sudo().create(vals_list)
            for visit in visits:
                visit.calendar_event_id._adopt_activities(visit)
            # whoever may open the card sees the visit; a mailbox that the calendar is
            # shared with needs not see the meeting
            open_events = visits.calendar_event_id.filtered(lambda one: not one.privacy)
            if open_events:
                open_events.with_context(**QUIET).write({"privacy": "private"})

    def _get_visit_customers(self, invited):
        """:return: ``{card: contacts}`` of whom the meeting is with"""
        self.ensure_one()
        partners = invited | self.opportunity_id.partner_id
        if self.res_model in ("res.partner", "crm.lead") and self.res_id:
            document = self.env[self.res_model].browse(self.res_id).exists()
            partners |= (
                document if self.res_model == "res.partner" else document.partner_id
            )
        return partners.filtered("card_root_id").grouped("card_root_id")

    def _get_people(self, invited):
        """:return: the colleagues who take part, the organiser first"""
        self.ensure_one()
        people = self.user_id | invited.user_ids
        return people.filtered(lambda user: user.active and not user.share)

    def _get_card_readers(self, invited, customers):
        """Asked once for each person, however many meetings.

        :return: ``{user: ids of the cards, of all these meetings, that he may open}``
        """
        cards = self.env["res.partner"].browse(
            {card.id for event in self for card in customers[event]}
        )
        if not cards:
            return {}
        people = self.env["res.users"].browse(
            {
                user.id
                for event in self
                if customers[event]
                for user in event._get_people(invited[event])
            }
        )
        return {
            user: set(cards.with_user(user).sudo(False)._filtered_access("read").ids)
            for user in people
        }

    def _get_visitor(self, card, invited, may_visit):
        """:return: who makes the visit: the organiser, else the first attendee who may
        open the card"""
        for user in self._get_people(invited):
            if card.id in may_visit.get(user, ()):
                return user
        return self.env["res.users"]

    def _get_visit_values(self, card, contacts, user):
        self.ensure_one()
        kind = self.activity_ids.activity_type_id.filtered("is_communication")[:1]
        lead = self.opportunity_id
        return {
            "partner_id": card.id,
            "contact_ids": [fields.Command.set((contacts - card).ids)],
            "user_id": user.id,
            # one goes to a place; else the customer comes, or is met online
            "method": "visit" if self.location else kind.visit_method or "meeting",
            "purpose_id": kind.visit_purpose_id.id,
            "objective": self.name,
            "place": self.location,
            "date_planned": self._get_visit_start(user),
            "duration_planned": self.duration or 1.0,
            "company_id": self.env["customer.visit"]._get_contact_company(user).id,
            "lead_id": lead.id if lead.partner_id.card_root_id == card else False,
            "calendar_event_id": self.id,
            "origin": "calendar",
        }

    def _adopt_visit(self, card):
        """An activity that has planned a visit got its meeting now.

        :return: whether there is such a visit of this card
        """
        self.ensure_one()
        visit = self.activity_ids.visit_id._filter_planned().filtered(
            lambda visit: visit.partner_id == card
        )[:1]
        if not visit:
            return False
        former = visit.calendar_event_id
        visit.calendar_event_id = self
        if former and former.res_model == "customer.visit":
            former.unlink()
        self._move_visits()
        return True

    def _adopt_activities(self, visit):
        """The activity of the meeting and the visit are one thing."""
        todos = self.activity_ids.filtered(lambda todo: not todo.visit_id)
        targets = todos._get_visit_targets()
        todos.filtered(
            lambda todo: (
                targets.get(todo.id, {}).get("partner_id") == visit.partner_id.id
            )
        ).visit_id = visit

    @api.model
    def _cron_plan_visits(self):
        """Plan the visits of meetings that come within reach: of series, and with
        customers who have got a card meanwhile. Twice does no harm."""
        now = fields.Datetime.now()
        domain = Domain(
            [
                ("start", ">", now),
                ("start", "<", now + timedelta(days=HORIZON_DAYS)),
                ("visit_ids", "=", False),
                "|",
                ("partner_ids.card_root_id", "!=", False),
                ("opportunity_id.partner_id.card_root_id", "!=", False),
            ]
        )
        events = self.search(domain, order="start, id")
        self.env["ir.cron"]._commit_progress(remaining=len(events))
        for start in range(0, len(events), BATCH):
            batch = events[start : start + BATCH]
            batch._plan_visits()
            if not self.env["ir.cron"]._commit_progress(len(batch)):
                break
