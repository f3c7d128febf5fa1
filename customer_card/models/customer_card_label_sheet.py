from odoo import api, fields, models
from odoo.exceptions import ValidationError

# width and height in mm
PAGES = {"a4": (210.0, 297.0), "letter": (215.9, 279.4)}
# rounding of the vendors' own data sheets, in mm
TOLERANCE = 0.6


class CustomerCardLabelSheet(models.Model):
    """A sheet of adhesive labels as it is sold: all lengths in millimetres."""

    _name = "customer.card.label.sheet"
    _description = "Label Sheet"
    _order = "sequence, name, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    page_format = fields.Selection(
        [("a4", "A4"), ("letter", "US Letter")], "Paper", default="a4", required=True
    )
    columns = fields.Integer(required=True, default=3)
    rows = fields.Integer(required=True, default=7)
    label_width = fields.Float("Width (mm)", required=True, digits=(6, 2))
    label_height = fields.Float("Height (mm)", required=True, digits=(6, 2))
    margin_top = fields.Float("Top Margin (mm)", required=True, digits=(6, 2))
    margin_left = fields.Float("Left Margin (mm)", required=True, digits=(6, 2))
    pitch_x = fields.Float(
        "Next Column After (mm)",
        required=True,
        digits=(6, 2),
        help="From the left edge of a label to the left edge of the one beside it.",
    )
    pitch_y = fields.Float(
        "Next Row After (mm)",
        required=True,
        digits=(6, 2),
        help="From the upper edge of a label to the upper edge of the one below it.",
    )
    label_count = fields.Integer("Labels per Sheet", compute="_compute_label_count")

    _counts_positive = models.Constraint(
        "CHECK (columns > 0 AND rows > 0)",
        "A sheet has at least one column and one row of labels.",
    )
    _sizes_positive = models.Constraint(
        "CHECK (label_width > 0 AND label_height > 0 AND margin_top >= 0 "
        "AND margin_left >= 0)",
        "A label has a width and a height, and margins are not negative.",
    )

    @api.depends("columns", "rows")
    def _compute_label_count(self):
        for sheet in self:
            sheet.label_count = sheet.columns * sheet.rows

    @api.constrains(
        "page_format",
        "columns",
        "rows",
        "label_width",
        "label_height",
        "margin_top",
        "margin_left",
        "pitch_x",
        "pitch_y",
    )
    def _check_fits_page(self):
        for sheet in self:
            width, height = PAGES[sheet.page_format]
            right = (
                sheet.margin_left
                + (sheet.columns - 1) * sheet.pitch_x
                + sheet.label_width
            )
            bottom = (
                sheet.margin_top + (sheet.rows - 1) * sheet.pitch_y + sheet.label_height
            )
            overlap = (
                sheet.columns > 1 and sheet.pitch_x < sheet.label_width - TOLERANCE
            ) or (sheet.rows > 1 and sheet.pitch_y < sheet.label_height - TOLERANCE)
            if overlap:
                raise ValidationError(
                    self.env._(
                        "%(sheet)s: the labels overlap. The next column or row "
                        "comes before the label ends.",
                        sheet=sheet.name,
                    )
                )
            if right > width + TOLERANCE or bottom > height + TOLERANCE:
                raise ValidationError(
                    self.env._(
                        "%(sheet)s: the labels need %(right).1f × %(bottom).1f mm, the "
                        "paper has %(width).1f × %(height).1f mm. Check the sizes on "
                        "the package.",
                        sheet=sheet.name,
                        right=right,
                        bottom=bottom,
                        width=width,
                        height=height,
                    )
                )

    def _get_positions(self):
        """:return: ``[(left, top), …]`` of every label in mm, row by row"""
        self.ensure_one()
        return [
            (
                self.margin_left + column * self.pitch_x,
                self.margin_top + row * self.pitch_y,
            )
            for row in range(self.rows)
            for column in range(self.columns)
        ]
