from odoo import api, models
from odoo.exceptions import UserError

from ..models.customer_card_label_sheet import PAGES

# Odoo's PDF engine shrinks what is wider than the page until it fits, by a factor
# between 1.25 and 2 from the usual 96 pixels an inch. A page that is laid out for a
# factor in between is shrunk alike by every version of the engine, and positions come
# out exact to 0.2 mm. In pixels per millimetre:
PIXEL = 1.6 * 96 / 25.4
# Margins of the letter's paper format, in mm: top, right, bottom, left.
LETTER_MARGINS = (15, 20, 15, 25)
# Where the address stands, in mm from the edges of the paper: left, top, width, height.
WINDOWS = {
    "din": (25, 45, 80, 40),
    "us10": (25, 50, 90, 28),
    "none": (25, 45, 90, 40),
}


class LetterDocument(models.AbstractModel):
    """The letters of ``customer.card.letter``, one for each recipient."""

    _name = "report.customer_card.letter_document"
    _description = "Letters"

    @api.model
    def _get_report_values(self, docids, data=None):
        """Every way of printing passes here: who may print, and that it is recorded.

        :raise AccessError: for letters, or recipients, that are not the user's
        """
        letters = self.env["customer.card.letter"].browse(docids)
        letters.check_access("read")
        letters._check_editable()
        pages = []
        for letter in letters:
            lines = letter._get_lines_to_print()
            texts = letter._render_letters(lines)
            pages += [self._get_page(letter, line, texts[line.id]) for line in lines]
            letter._record_print(lines)
        return {
            "doc_ids": letters.ids,
            "doc_model": "customer.card.letter",
            "docs": letters,
            "pages": pages,
            "layout_width": self._get_layout_width(letters),
        }

    @api.model
    def _get_layout_width(self, letters):
        """:return: width of the text in pixels; a print has one paper format"""
        paper = "letter" if letters[:1].envelope == "us10" else "a4"
        _top, right, _bottom, left = LETTER_MARGINS
        return (PAGES[paper][0] - left - right) * PIXEL

    @api.model
    def _get_page(self, letter, line, text):
        """:return: what the template shows of one letter; lengths in pixels"""
        # sudo: name, phone and e-mail of the custodian and of the own company
        letter = letter.sudo()
        card = line.card_root_id or line.partner_id
        signer = letter.user_id
        if letter.signature_by == "custodian":
            signer = card.card_custodian_id.sudo() or signer
        company = letter.company_id
        top, _right, _bottom, left = LETTER_MARGINS
        window = WINDOWS[letter.envelope]
        return {
            "line": line,
            "lang": line.lang or self.env.lang,
            "company": company,
            "signer": signer,
            "subject": text["subject"],
            "body": text["body"],
            "date": text["values"]["date"],
            "sender": " · ".join(
                part
                for part in (
                    company.name,
                    company.street,
                    " ".join(filter(None, (company.zip, company.city))),
                )
                if part
            ),
            "address": (line.address or "").splitlines(),
            "window": {
                "left": (window[0] - left) * PIXEL,
                "top": (window[1] - top) * PIXEL,
                "width": window[2] * PIXEL,
                "height": window[3] * PIXEL,
            },
            "text_top": (window[1] + window[3] - top + 8) * PIXEL,
            "millimetre": PIXEL,
            "point": PIXEL * 25.4 / 72,
        }


class LetterDocumentUs(models.AbstractModel):
    """The same on US Letter: a report has one paper format."""

    _name = "report.customer_card.letter_document_us"
    _inherit = "report.customer_card.letter_document"
    _description = "Letters (US Letter)"


class LabelDocument(models.AbstractModel):
    """Address labels of ``customer.card.label.print``."""

    _name = "report.customer_card.label_document"
    _description = "Address Labels"

    @api.model
    def _get_report_values(self, docids, data=None):
        """:raise UserError: for a print that somebody else prepared
        :raise CardAccessError: for customers that are not the user's"""
        prints = self.env["customer.card.label.print"].browse(docids).exists()
        if not prints or (prints.create_uid - self.env.user and not self.env.su):
            raise UserError(
                self.env._("These labels are no longer there. Prepare them again.")
            )
        sheets = []
        for label_print in prints:
            sheets += self._get_sheets(label_print)
            label_print._record_print()
        return {
            "doc_ids": prints.ids,
            "doc_model": "customer.card.label.print",
            "docs": prints,
            "sheets": sheets,
            "layout_width": PAGES[prints[:1].sheet_id.page_format][0] * PIXEL,
        }

    @api.model
    def _get_sheets(self, label_print):
        """:return: sheets of labels, each with its lengths in pixels"""
        sheet = label_print.sheet_id
        _width, height = PAGES[sheet.page_format]
        positions = sheet._get_positions()
        # labels already used on the first sheet stay empty
        addresses = [None] * (label_print.start_at - 1) + label_print._get_addresses()
        pages = []
        for first in range(0, len(addresses), len(positions)):
            labels = [
                {
                    "left": left * PIXEL,
                    "top": top * PIXEL,
                    "lines": address.splitlines(),
                }
                for (left, top), address in zip(
                    positions, addresses[first : first + len(positions)], strict=False
                )
                if address
            ]
            pages.append(
                {
                    "labels": labels,
                    # a hair less than the paper, or every sheet is followed by
                    # an empty one
                    "height": height * PIXEL - 3,
                    "label_width": sheet.label_width * PIXEL,
                    "label_height": sheet.label_height * PIXEL,
                    "padding": 2.5 * PIXEL,
                    "font_size": self._get_font_size(sheet) * PIXEL,
                }
            )
        return pages

    @api.model
    def _get_font_size(self, sheet):
        """:return: in mm: seven lines fit on the label, none larger than 11 points"""
        return min((sheet.label_height - 4) / 7 / 1.2, 11 * 25.4 / 72)


class LabelDocumentUs(models.AbstractModel):
    """The same on US Letter: a report has one paper format."""

    _name = "report.customer_card.label_document_us"
    _inherit = "report.customer_card.label_document"
    _description = "Address Labels (US Letter)"
