from math import asin, cos, isfinite, radians, sin, sqrt

from odoo import api, fields, models
from odoo.tools import SQL

EARTH_RADIUS = 6371008.8
# what a position says about a check-in
POSITION_STATES = [
    ("near", "At the Customer"),
    ("far", "Away from the Customer"),
    ("unknown_place", "Customer Not on the Map"),
    ("none", "No Position"),
]
# why there is none
POSITION_ERRORS = [
    ("off", "Not Asked For"),
    ("denied", "Not Allowed on the Device"),
    ("unavailable", "Device Found None"),
    ("timeout", "Device Took Too Long"),
    ("unsupported", "Not Possible on the Device"),
    ("wrong", "Not a Place on Earth"),
]
DIGITS = (10, 7)
# where a colleague was is for those who manage the cards; that he was near is for all
POSITION_GROUP = "customer_card.customer_card_group_manager"


def get_distance(latitude_1, longitude_1, latitude_2, longitude_2):
    """Great-circle distance by the haversine formula (R. W. Sinnott, Sky and Telescope
    68, 1984), on a sphere of the mean radius of the Earth.

    :return: metres
    """
    phi_1, phi_2 = radians(latitude_1), radians(latitude_2)
    half = (
        sin((phi_2 - phi_1) / 2) ** 2
        + cos(phi_1) * cos(phi_2) * sin(radians(longitude_2 - longitude_1) / 2) ** 2
    )
    return 2 * EARTH_RADIUS * asin(sqrt(min(1, half)))


class CustomerVisit(models.Model):
    """Where a visitor checked in and out, if his company asks and he allows it.

    A position is recorded, with its accuracy and the point that it was compared with,
    and never blocks anything: there are cellars, and addresses that are wrong.
    """

    _inherit = "customer.visit"

    check_in_latitude = fields.Float(
        digits=DIGITS,
        aggregator=None,
        readonly=True,
        copy=False,
        groups=POSITION_GROUP,
    )
    check_in_longitude = fields.Float(
        digits=DIGITS,
        aggregator=None,
        readonly=True,
        copy=False,
        groups=POSITION_GROUP,
    )
    check_in_accuracy = fields.Float(
        "Accuracy at Check-in (m)",
        digits=(10, 0),
        aggregator=None,
        readonly=True,
        copy=False,
        help="In metres: how far off the device thinks it may be.",
    )
    check_in_distance = fields.Float(
        "Distance at Check-in (m)",
        digits=(10, 0),
        aggregator="avg",
        readonly=True,
        copy=False,
        help="In metres, from the coordinates on the card at that moment.",
    )
    check_in_state = fields.Selection(
        POSITION_STATES, "Check-in", readonly=True, copy=False
    )
    check_in_error = fields.Selection(
        POSITION_ERRORS, "Why No Position at Check-in", readonly=True, copy=False
    )
    check_out_latitude = fields.Float(
        digits=DIGITS,
        aggregator=None,
        readonly=True,
        copy=False,
        groups=POSITION_GROUP,
    )
    check_out_longitude = fields.Float(
        digits=DIGITS,
        aggregator=None,
        readonly=True,
        copy=False,
        groups=POSITION_GROUP,
    )
    check_out_accuracy = fields.Float(
        "Accuracy at Check-out (m)",
        digits=(10, 0),
        aggregator=None,
        readonly=True,
        copy=False,
    )
    check_out_distance = fields.Float(
        "Distance at Check-out (m)",
        digits=(10, 0),
        aggregator="avg",
        readonly=True,
        copy=False,
    )
    check_out_state = fields.Selection(
        POSITION_STATES, "Check-out", readonly=True, copy=False
    )
    check_out_error = fields.Selection(
        POSITION_ERRORS, "Why No Position at Check-out", readonly=True, copy=False
    )
    position_reference = fields.Char(
        "Compared With",
        readonly=True,
        copy=False,
        groups=POSITION_GROUP,
        help="Latitude and longitude of the customer at check-in: whoever corrects "
        "them later does not change what was recorded.",
    )

    @api.model
    def _get_system_fields(self):
        positions = self._get_position_names("in") + self._get_position_names("out")
        return super()._get_system_fields() | set(positions)

    @staticmethod
    def _get_position_names(way):
        parts = ("latitude", "longitude", "accuracy", "distance", "state", "error")
        return [*(f"check_{way}_{part}" for part in parts), "position_reference"]

    # ------------------------------------------------------------
    # CHECK-IN AND CHECK-OUT
    # ------------------------------------------------------------

    def _record_position(self, way, position):
        """:param way, position: see ``_get_position_values``"""
        values = self._get_position_values(way, position)
        if values:
            # sudo: recorded by the system; who may read it is said by the fields
            self.sudo().write(values)

    def _get_position_values(self, way, position):
        """What is recorded of a position.

        :param way: ``in`` or ``out``
        :param position: dict with ``latitude``, ``longitude`` (degrees) and
            ``accuracy`` (metres), or with ``error`` (see ``POSITION_ERRORS``), as the
            client sends it; None without
        :return: values of this visit
        """
        self.ensure_one()
        if self.method not in self._get_outdoor_methods():
            return {}
        position = position if isinstance(position, dict) else {}
        if not self._is_position_wanted():
            # whatever the client sends: nothing is kept that nobody asked for
            position = {"error": "off"}
        point = self._read_position(position)
        values = {f"check_{way}_state": "none"}
        if not point:
            error = position.get("error")
            known = dict(POSITION_ERRORS)
            values[f"check_{way}_error"] = (
                error if isinstance(error, str) and error in known else "wrong"
            )
            if not position:
                values[f"check_{way}_error"] = "unavailable"
            return values
        latitude, longitude, accuracy = point
        values.update(
            {
                f"check_{way}_latitude": latitude,
                f"check_{way}_longitude": longitude,
                f"check_{way}_accuracy": accuracy,
                f"check_{way}_state": "unknown_place",
            }
        )
        if reference := self._get_reference_point():
            distance = get_distance(latitude, longitude, *reference)
            reach = self.company_id.sudo().visit_position_range + accuracy
            values.update(
                {
                    f"check_{way}_distance": distance,
                    f"check_{way}_state": "near" if distance <= reach else "far",
                    "position_reference": f"{reference[0]:.7f}, {reference[1]:.7f}",
                }
            )
        return values

    @api.model
    def _get_outdoor_methods(self):
        """:return: the methods with which the visitor goes to the customer"""
        return ("visit",)

    def _is_position_wanted(self):
        """:return: whether the company asks for positions and the visitor allows it"""
        # sudo: a setting
        return (
            self.company_id.sudo().visit_position
            and self.user_id.sudo().visit_share_position
        )

    @api.model
    def _read_position(self, position):
        """:return: ``(latitude, longitude, accuracy)`` if that is a place on Earth,
        else None: a device that is wrong does not keep anybody from his work"""
        try:
            latitude = float(position["latitude"])
            longitude = float(position["longitude"])
            accuracy = float(position.get("accuracy") or 0)
        except (KeyError, TypeError, ValueError, OverflowError):
            return None
        if not all(map(isfinite, (latitude, longitude, accuracy))):
            return None
        if abs(latitude) > 90 or abs(longitude) > 180 or not 0 <= accuracy <= 1e7:
            return None
        return latitude, longitude, accuracy

    def _get_reference_point(self):
        """Where the customer is, as far as the visitor may know it: the distance from
        a hidden address would tell where it is.

        :return: ``(latitude, longitude)`` or None
        """
        for partner in (self.sudo().address_id, self.sudo().partner_id):
            partner = partner.sudo(False)
            if not partner._filtered_access("read"):
                continue
            if partner.partner_latitude or partner.partner_longitude:
                return partner.partner_latitude, partner.partner_longitude
        return None

    # ------------------------------------------------------------
    # RETENTION
    # ------------------------------------------------------------

    @api.model
    def _cron_forget_positions(self):
        """Forget where people were, after the days that their company keeps it. That a
        check-in was near, far or without position stays."""
        self.env.flush_all()
        erased = [
            f"check_{way}_{part}"
            for way in ("in", "out")
            for part in ("latitude", "longitude", "accuracy")
        ] + ["position_reference"]
        self.env.cr.execute(
            SQL(
                """
                UPDATE customer_visit visit
                   SET %(erase)s
                  FROM res_company company
                 WHERE company.id = visit.company_id
                   AND company.visit_position_days > 0
                   AND visit.date_start < now() AT TIME ZONE 'UTC'
                       - company.visit_position_days * INTERVAL '1 day'
                   AND (visit.check_in_latitude IS NOT NULL
                        OR visit.check_out_latitude IS NOT NULL)
                """,
                erase=SQL(", ").join(
                    SQL("%s = NULL", SQL.identifier(name)) for name in erased
                ),
            )
        )
        self.invalidate_model(erased)
