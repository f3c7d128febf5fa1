import logging

from odoo import api, models
from odoo.fields import Domain
from odoo.http import request
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class CustomerCardReadLogMixin(models.AbstractModel):
    """Who reads a card on loan is recorded, whichever way he reads it: the customer,
    his contacts, or the entries of the card directly.

    All reads of fields pass ``_fetch_query``, all groupings ``_read_group``. Somebody
    without a running loan pays for neither: the lookup of his loans is the one that
    the record rule has made already. A model that inherits this has the stored field
    ``_card_log_field``.
    """

    _name = "customer.card.read.log.mixin"
    _description = "Reading on Loan is Recorded"

    # the stored field that says which card a record is about
    _card_log_field = "card_root_id"

    def _fetch_query(self, query, fields):
        # a search fetches no fields: it reads nothing yet
        lent = self._get_cards_lent_to_log() if fields else set()
        root = self._fields[self._card_log_field]
        if lent and root not in fields:
            # fetched along, so that a borrower's list costs no further query
            fields = [*fields, root]
        records = super()._fetch_query(query, fields)
        if lent:
            self._log_card_reads(lent & set(records[self._card_log_field].ids))
        return records

    @api.model
    def _read_group(
        self,
        domain,
        groupby=(),
        aggregates=(),
        having=(),
        offset=0,
        limit=None,
        order=None,
    ):
        result = super()._read_group(
            domain, groupby, aggregates, having, offset, limit, order
        )
        if lent := self._get_cards_lent_to_log():
            query = self._search(
                Domain(domain) & Domain(self._card_log_field, "in", list(lent))
            )
            self._log_card_reads(
                row_id
                for (row_id,) in self.env.execute_query(
                    query.select(
                        SQL(
                            "DISTINCT %s",
                            SQL.identifier(self._table, self._card_log_field),
                        )
                    )
                )
            )
        return result

    @api.model
    def _get_cards_lent_to_log(self):
        """:return: ids of the cards whose reading by this user is to be recorded"""
        if self.env.su or not self.env.uid:
            return set()
        return self.env.user._card_lent_ids()

    @api.model
    def _log_card_reads(self, card_ids):
        """Record that the user, a borrower, reads these cards.

        By a cursor of its own: the one at hand may be read-only, and a request that
        fails has been read all the same. Nothing here may break the reading.
        """
        Event = self.env["customer.card.event"]
        # one transaction does not see what the other cursor has recorded meanwhile
        quarter = Event._get_quarter()
        logged = self.env.cr.precommit.data.setdefault("customer_card_reads", set())
        card_ids = {
            card_id
            for card_id in card_ids
            if (self.env.uid, card_id, quarter) not in logged
        }
        if not card_ids:
            return
        try:
            missing = card_ids - Event._get_recent_reads(card_ids)
            path = request.httprequest.path if request else None
            name = self.env.user.name
            if missing:
                with self.env.registry.cursor() as cr:
                    # never wait for a lock that the cursor at hand may hold
                    cr.execute("SET LOCAL lock_timeout = '1s'")
                    env = api.Environment(cr, self.env.uid, {})
                    Log = env["customer.card.event"]
                    missing -= Log._log_reads(missing, path, name)
            if missing and not self.env.cr.readonly:
                # a card that this transaction has opened is not there for others yet
                Event._log_reads(missing, path, name)
        except Exception:
            _logger.exception(
                "Reading of the cards %s by user %s could not be recorded",
                sorted(card_ids),
                self.env.uid,
            )
        logged.update((self.env.uid, card_id, quarter) for card_id in card_ids)
