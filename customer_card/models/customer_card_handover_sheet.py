from odoo import models
from odoo.exceptions import AccessError, UserError

# What still makes a useful paper; a longer list is worked off on screen.
SHEET_LIMIT = 500


class CustomerCardHandover(models.Model):
    """The handover sheet: what both sides sign."""

    _inherit = "customer.card.handover"

    def _get_sheet_lines(self):
        """:return: the lines to print, of cards that are or were to be handed over"""
        self.ensure_one()
        return self.line_ids.filtered(
            lambda line: line.outcome in ("planned", "moved")
        ).sorted("id")

    def _check_sheet(self):
        """Who may print the sheets: whoever sees each card on them. It is recorded.

        :raise AccessError: for handovers, or cards on them, that the user may not see
        :raise UserError: for a sheet that would be too long
        """
        self.check_access("read")
        cards = self._get_cards(("planned", "moved"))
        for handover in self:
            expected = len(cards[handover.id])
            if expected > SHEET_LIMIT:
                raise UserError(
                    self.env._(
                        "%(handover)s has %(count)s cards: a sheet shows at most "
                        "%(limit)s. Show the cards on screen, or hand them over in "
                        "parts.",
                        handover=handover._approval_names(),
                        count=expected,
                        limit=SHEET_LIMIT,
                    )
                )
            if len(handover._get_sheet_lines()) < expected:
                raise AccessError(
                    self.env._(
                        "%(handover)s: the sheet is printed by whoever sees its cards: "
                        "the custodian before, the successor after the handover, and "
                        "the managers.",
                        handover=handover._approval_names(),
                    )
                )
        for handover in self:
            self.env["customer.card.event"]._log(
                cards[handover.id], "printed", handover._approval_names(), handover
            )
