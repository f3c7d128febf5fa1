from odoo import api, fields, models
from odoo.fields import Command, Domain
from odoo.tools import SQL


class CalendarEvent(models.Model):
    """A meeting with a customer who has a card is opened by whoever may open the card,
    and by those who were asked to it."""

    _name = "calendar.event"
    _inherit = ["calendar.event", "customer.link.guard.mixin"]

    card_open_to_me = fields.Boolean(
        "Open to Me",
        compute="_compute_card_open_to_me",
        search="_search_card_open_to_me",
        compute_sudo=True,
        groups="base.group_user",
        help="No customer is concerned whose card is closed to you, or you take part.",
    )

    @api.depends_context("uid")
    @api.depends("user_id", "partner_ids", "opportunity_id", "res_model", "res_id")
    def _compute_card_open_to_me(self):
        """By a search: the attendees in the cache may be those that some other user of
        this transaction sees."""
        # sudo: the question comes before the access rights, not after them
        Event = self.env["calendar.event"].sudo().with_context(active_test=False)
        opened = set(
            Event._search(
                Domain("id", "in", self._origin.ids)
                & Domain("card_open_to_me", "=", True)
            )
        )
        for event in self:
            event.card_open_to_me = not event._origin or event._origin.id in opened

    def _search_card_open_to_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        user = self.env.user
        hidden = user._card_hidden_domain()
        domain = Domain.TRUE
        if not hidden.is_false():
            domain = (
                Domain("user_id", "=", user.id)
                | Domain("partner_ids", "in", user.partner_id.ids)
                | Domain.custom(
                    to_sql=lambda model, alias, query: SQL(
                        "NOT EXISTS (%s)", model._get_hidden_customers(alias, hidden)
                    )
                )
            )
        return domain if True in value else ~domain

    @api.model
    def _get_hidden_customers(self, alias, hidden):
        """The customers of a meeting: who is invited, whose record or opportunity it
        was made for, and who is visited. In one correlated question on purpose: a
        calendar shows a week, and four separate ones make the database read all
        meetings first (measured on 200,000: a week 27 ms against 380, a page of the
        list 15 against 650).

        :param alias: of the meeting in the query around
        :param hidden: Domain on res.partner
        :return: SQL, those that match ``hidden``
        """
        # sudo: whether there is one; nothing of it is shown
        Partner = self.env["res.partner"].sudo().with_context(active_test=False)
        query = Partner._search(hidden)
        fnames = ("partner_ids", "opportunity_id", "res_model", "res_id")
        query.add_where(
            SQL(
                """
                %(partner_id)s IN (
                    SELECT rel.res_partner_id
                      FROM calendar_event_res_partner_rel rel
                     WHERE rel.calendar_event_id = %(event)s.id
                 UNION ALL
                    SELECT %(event)s.res_id
                     WHERE %(event)s.res_model = 'res.partner'
                 UNION ALL
                    SELECT lead.partner_id
                      FROM crm_lead lead
                     WHERE lead.id = %(event)s.opportunity_id
                 UNION ALL
                    SELECT lead.partner_id
                      FROM crm_lead lead
                     WHERE lead.id = %(event)s.res_id
                       AND %(event)s.res_model = 'crm.lead'
                 UNION ALL
                    SELECT visit.partner_id
                      FROM customer_visit visit
                     WHERE visit.calendar_event_id = %(event)s.id
                )
                """,
                partner_id=SQL.identifier(query.table, "id"),
                event=SQL.identifier(alias),
                to_flush=[
                    *(self._fields[name] for name in fnames),
                    self.env["crm.lead"]._fields["partner_id"],
                    self.env["customer.visit"]._fields["partner_id"],
                    self.env["customer.visit"]._fields["calendar_event_id"],
                ],
            )
        )
        return query.select(SQL("1"))

    @api.model
    def _get_guarded_partner_fields(self):
        return ["partner_ids"]

    def write(self, vals):
        """A co-attendee who saves the list of those that he sees does not take the
        others off."""
        commands = vals.get("partner_ids")
        hidden = self._get_hidden_attendees() if commands else {}
        if not hidden:
            return super().write(vals)
        for event in self:
            super(CalendarEvent, event).write(
                {**vals, "partner_ids": event._keep_attendees(commands, hidden)}
            )
        # what was written is in the cache; the user sees what he may see of it
        self.invalidate_recordset(["partner_ids", "attendee_ids"])
        return True

    def _get_attendee_ids(self):
        """By SQL: what the cache holds of an x2many is what some user sees of it, and
        must not become what another one sees.

        :return: ``{event id: ids of all partners who are invited}``
        """
        if not self.ids:
            return {}
        self.flush_model(["partner_ids"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT calendar_event_id, ARRAY_AGG(res_partner_id)
                  FROM calendar_event_res_partner_rel
                 WHERE calendar_event_id = ANY(%s)
              GROUP BY calendar_event_id
                """,
                self.ids,
            )
        )
        return dict(rows)

    def _get_hidden_attendees(self):
        """:return: ``{event id: ids of attendees that the user may not see}``"""
        if self.env.su:
            return {}
        present = self._get_attendee_ids()
        partner_ids = sorted({one for ids in present.values() for one in ids})
        partners = self.env["res.partner"].browse(partner_ids)
        closed = set((partners - partners._filtered_access("read")).ids)
        return {
            event_id: [one for one in ids if one in closed]
            for event_id, ids in present.items()
            if closed.intersection(ids)
        }

    def _keep_attendees(self, commands, hidden):
        """:param hidden: as ``_get_hidden_attendees`` gives them
        :return: the commands, without those that would take hidden attendees off"""
        self.ensure_one()
        kept = set(hidden.get(self.id, ()))
        seen = set(self._get_attendee_ids().get(self.id, ())) - kept
        wanted = set(seen)
        if isinstance(commands[0], int):
            # as Odoo's calendar takes it: plain ids are all attendees
            commands = [Command.set(commands)]
        for command in commands:
            if command[0] == Command.SET:
                wanted = set(command[2])
            elif command[0] == Command.CLEAR:
                wanted = set()
            elif command[0] in (Command.UNLINK, Command.DELETE):
                wanted.discard(command[1])
            elif command[0] == Command.LINK:
                wanted.add(command[1])
        return [
            *(Command.unlink(one) for one in sorted(seen - wanted)),
            *(Command.link(one) for one in sorted(wanted - seen - kept)),
        ]
