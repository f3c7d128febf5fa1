from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL


class CustomerCardEvent(models.Model):
    """The ledger of the cards' lives: who did what with which card, and when.

    Entries are only ever added, through ``_log`` and ``_log_requests``. Nobody edits
    or deletes one through the ORM, the superuser included. An entry outlives the
    customer and the user that it names: it keeps their names.
    """

    _name = "customer.card.event"
    _description = "Customer Card History"
    _order = "date DESC, id DESC"
    _rec_name = "partner_name"
    _log_access = False
    _allow_sudo_commands = False

    # what
    partner_id = fields.Many2one(
        "res.partner", "Customer Card", readonly=True, ondelete="set null"
    )
    partner_name = fields.Char("Customer", readonly=True, required=True)
    kind = fields.Selection(
        [
            ("opened", "Card Opened"),
            ("confirmed", "Confirmed"),
            ("dormant", "Made Dormant"),
            ("closed", "Card Closed"),
            ("reopened", "Card Reopened"),
            ("changed", "Changed"),
            ("still_true", "Confirmed as Still True"),
            ("reviewed", "Reviewed"),
            ("custodian_changed", "Custodian Changed"),
            ("team_changed", "Department Changed"),
            ("deputy_changed", "Deputy Changed"),
            ("contact_struck_out", "Contact Struck Out"),
            ("contact_restored", "Contact Restored"),
            ("merged", "Merged"),
            ("resembled", "Resembled by a New Contact"),
            ("access_changed", "Access Configuration Changed"),
            ("request_submitted", "Request Submitted"),
            ("request_withdrawn", "Request Taken Back"),
            ("request_approved", "Request Approved"),
            ("request_refused", "Request Refused"),
            ("request_cancelled", "Request Cancelled"),
            ("loan_requested", "Loan Requested"),
            ("loan_lent", "Card Lent"),
            ("loan_refused", "Loan Refused"),
            ("loan_cancelled", "Loan Request Cancelled"),
            ("loan_extended", "Loan Extended"),
            ("loan_returned", "Card Returned"),
            ("loan_expired", "Loan Expired"),
            ("loan_revoked", "Loan Revoked"),
            ("change_proposed", "Change Proposed"),
            ("change_applied", "Proposed Change Applied"),
            ("change_refused", "Proposed Change Refused"),
            ("read", "Read by a Borrower"),
            ("printed", "Printed"),
            ("exported", "Exported"),
            ("letter_printed", "Letter Printed"),
            ("letter_sent", "Letter Sent"),
        ],
        "Event",
        readonly=True,
        required=True,
    )
    description = fields.Char(readonly=True)
    changed_fields = fields.Char(
        readonly=True,
        help="Technical names of the fields of the contact that changed: all that a "
        "borrower learns about a change.",
    )
    # who and when
    date = fields.Datetime(readonly=True, required=True)
    user_id = fields.Many2one("res.users", "By", readonly=True, ondelete="set null")
    user_name = fields.Char("By (Name)", readonly=True)
    path = fields.Char(
        readonly=True, help="Where in the system a borrower read the card."
    )
    # document
    res_model = fields.Char("Document Model", readonly=True)
    res_id = fields.Many2oneReference(
        "Document", model_field="res_model", readonly=True
    )

    _partner_date_idx = models.Index("(partner_id, date DESC)")
    _date_idx = models.Index("(date DESC)")
    _read_idx = models.Index("(user_id, partner_id, date) WHERE kind = 'read'")

    # ------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):  # pylint: disable=method-required-super
        """:raise UserError: always, see ``_log``"""
        self._raise_append_only()

    def write(self, vals):  # pylint: disable=method-required-super
        """:raise UserError: always"""
        self._raise_append_only()

    def unlink(self):  # pylint: disable=method-required-super
        """:raise UserError: always"""
        self._raise_append_only()

    @api.model
    def _raise_append_only(self):
        raise UserError(
            self.env._(
                "The history of a customer card is written by the system alone: its "
                "entries cannot be added, changed or deleted."
            )
        )

    # ------------------------------------------------------------
    # ACTIONS
    # ------------------------------------------------------------

    def action_open_document(self):
        """Open the document that an entry is about.

        :raise UserError: when it no longer exists, or there is none
        """
        self.ensure_one()
        document = (
            self.res_model in self.env
            and self.env[self.res_model].browse(self.res_id).exists()
        )
        if not document:
            raise UserError(
                self.env._(
                    "%(event)s, %(customer)s: there is no document to open.",
                    event=self._get_kind_label(),
                    customer=self.partner_name,
                )
            )
        return document.get_formview_action()

    def _get_kind_label(self):
        return dict(self._fields["kind"]._description_selection(self.env))[self.kind]

    # ------------------------------------------------------------
    # THE DOOR
    # ------------------------------------------------------------

    @api.model
    def _log(
        self,
        partners,
        kind,
        description="",
        document=None,
        path=None,
        changed_fields=None,
    ):
        """Add one entry for each card, all of them by one query.

        :param partners: res.partner; of a contact, the entry goes to its card
        :param kind: one of the values of ``kind``
        :param description: short text, or ``{partner id: text}``
        :param document: record that the entries are about, or ``{partner id: record}``
        :param path: where the card was read
        :param changed_fields: ``{partner id: names of fields, with commas}``
        :raise ValueError: for an unknown kind
        """

        def of(value, partner_id):
            return value.get(partner_id) if isinstance(value, dict) else value

        return self._insert(
            kind,
            [
                (
                    partner_id,
                    of(description, partner_id),
                    of(document, partner_id),
                    path,
                    of(changed_fields, partner_id),
                )
                for partner_id in partners.ids
            ],
        )

    @api.model
    def _log_requests(self, kind, requests):
        """Add entries about documents, all of them by one query.

        :param requests: ``[(document, cards, description), …]``
        :raise ValueError: for an unknown kind
        """
        return self._insert(
            kind,
            [
                (card_id, description, document, None, None)
                for document, cards, description in requests
                for card_id in cards.ids
            ],
        )

    @api.model
    def _insert(self, kind, entries):
        if kind not in self._fields["kind"].get_values(self.env):
            raise ValueError(f"Unknown kind of event in the card ledger: {kind!r}")
        if not entries:
            return
        # the names and roots of cards that this very transaction changed
        # sudo: whoever acts on a card may not be able to read it
        self.env["res.partner"].sudo().flush_model(
            ["name", "complete_name", "card_root_id"]
        )
        rows = SQL(", ").join(
            SQL(
                "(%s::int, %s::varchar, %s::varchar, %s::int, %s::varchar, %s::varchar)",
                partner_id,
                description or None,
                document._name if document else None,
                document.id if document else None,
                path,
                changed or None,
            )
            for partner_id, description, document, path, changed in entries
        )
        self.env.execute_query(
            SQL(
                """
                INSERT INTO customer_card_event (
                    partner_id, partner_name, kind, description, date,
                    user_id, user_name, res_model, res_id, path, changed_fields)
                SELECT card.id, COALESCE(card.complete_name, card.name, '–'),
                       %(kind)s, entry.description, %(now)s,
                       %(uid)s, %(user_name)s,
                       entry.res_model, entry.res_id, entry.path, entry.changed_fields
                  FROM (VALUES %(rows)s)
                    AS entry (
                        partner_id, description, res_model, res_id, path, changed_fields)
                  JOIN res_partner contact ON contact.id = entry.partner_id
                  JOIN res_partner card
                    ON card.id = COALESCE(contact.card_root_id, contact.id)
              GROUP BY card.id, entry.description, entry.res_model, entry.res_id,
                       entry.path, entry.changed_fields
              ORDER BY MIN(contact.id)
             RETURNING id
                """,
                kind=kind,
                now=fields.Datetime.now(),
                uid=self.env.uid,
                user_name=self.env.user.name,
                rows=rows,
            )
        )

    @api.model
    def _log_reads(self, partner_ids, path, user_name=None):
        """Record that a borrower read cards, once per user, card and quarter of an
        hour. What is not in the database yet is left out.

        :return: ids of the cards that have an entry now
        """
        self.env.execute_query(
            SQL(
                """
                INSERT INTO customer_card_event (
                    partner_id, partner_name, kind, date, user_id, user_name, path)
                SELECT card.id, COALESCE(card.complete_name, card.name, '–'), 'read',
                       %(now)s, reader.id, %(user_name)s, %(path)s
                  FROM res_partner card
                  JOIN res_users reader ON reader.id = %(uid)s
                 WHERE card.id = ANY(%(partner_ids)s)
                   -- a browser reads in parallel: whoever comes second leaves it
                   AND pg_try_advisory_xact_lock(%(uid)s, card.id)
                   AND NOT EXISTS (%(recent)s AND event.partner_id = card.id)
             RETURNING id
                """,
                now=fields.Datetime.now(),
                uid=self.env.uid,
                user_name=user_name or self.env.user.name,
                path=path,
                partner_ids=list(partner_ids),
                recent=self._get_recent_reads_query(),
            )
        )
        return self._get_recent_reads(partner_ids)

    @api.model
    def _get_recent_reads(self, partner_ids):
        """:return: ids of those cards whose reading by this user is on record for the
        running quarter of an hour"""
        return {
            partner_id
            for (partner_id,) in self.env.execute_query(
                SQL(
                    "%s AND event.partner_id = ANY(%s)",
                    self._get_recent_reads_query(),
                    list(partner_ids),
                )
            )
        }

    @api.model
    def _get_recent_reads_query(self):
        return SQL(
            """
            SELECT event.partner_id
              FROM customer_card_event event
             WHERE event.kind = 'read'
               AND event.user_id = %s
               AND event.date >= %s
            """,
            self.env.uid,
            self._get_quarter(),
        )

    @api.model
    def _get_quarter(self):
        """:return: when the running quarter of an hour began (UTC)"""
        now = fields.Datetime.now()
        return now.replace(minute=now.minute // 15 * 15, second=0, microsecond=0)

    # ------------------------------------------------------------
    # ACCESS
    # ------------------------------------------------------------

    @api.model
    def _get_read_domain(self, user):
        """Whoever keeps a card reads its history, the back office reads all of it; a
        borrower sees a card, not what others did with it.

        :return: Domain on this model, for the record rule
        """
        if user._is_card_admin() or user._is_card_reader():
            return Domain.TRUE
        return Domain("partner_id", "any", user._card_maintain_domain())
