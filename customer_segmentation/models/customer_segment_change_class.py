from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .customer_metrics import ABC_CLASSES, LIFECYCLE_STAGES, LOYALTY_CLASSES, RISKS
from .customer_segment_change import DIMENSIONS

# from the best to the worst
CLASSES = {
    "abc": ABC_CLASSES,
    "abc_team": ABC_CLASSES,
    "loyalty": LOYALTY_CLASSES,
    "lifecycle": LIFECYCLE_STAGES[::-1],
    "key": [("true", "Key Customer"), ("false", "No Key Customer")],
    "risk": RISKS,
}
# One name for each class of each dimension, so that it can be shown, sorted and grouped.
CLASS_NAMES = [("new", "No Class")] + [
    (f"{dimension}_{code}", label)
    for dimension, _label in DIMENSIONS
    for code, label in CLASSES[dimension]
]
DIRECTIONS = [("up", "Better"), ("down", "Worse"), ("first", "First Class")]


class CustomerSegmentChange(models.Model):
    """What a change is called: the classes by their names, and whether it is for the
    better. Worked out from the codes, in SQL too, so that a list of changes can be
    sorted, grouped and searched by them."""

    _inherit = "customer.segment.change"

    class_from = fields.Selection(
        CLASS_NAMES, "From", compute="_compute_classes", search="_search_class_from"
    )
    class_to = fields.Selection(
        CLASS_NAMES, "To", compute="_compute_classes", search="_search_class_to"
    )
    direction = fields.Selection(
        DIRECTIONS, compute="_compute_classes", search="_search_direction"
    )

    @api.depends("dimension", "value_from", "value_to")
    def _compute_classes(self):
        places = self._get_class_places()
        worst = len(places)
        for change in self:
            names = [
                f"{change.dimension}_{code}" if code else "new"
                for code in (change.value_from, change.value_to)
            ]
            change.class_from, change.class_to = (
                name if name == "new" or name in places else False for name in names
            )
            before, after = (places.get(name, worst) for name in names)
            change.direction = (
                "first" if names[0] == "new" else "up" if after < before else "down"
            )

    @api.model
    def _get_class_places(self):
        """:return: ``{name of a class: its place in its dimension, 0 is the best}``"""
        return {
            f"{dimension}_{code}": place
            for dimension, classes in CLASSES.items()
            for place, (code, _label) in enumerate(classes)
        }

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr not in ("class_from", "class_to", "direction"):
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        before = self._get_class_sql(alias, "value_from")
        after = self._get_class_sql(alias, "value_to")
        if field_expr == "class_from":
            return before
        if field_expr == "class_to":
            return after
        names = sorted(self._get_class_places(), key=self._get_class_places().get)
        return SQL(
            """CASE WHEN %(before)s = 'new' THEN 'first'
                    WHEN ARRAY_POSITION(%(names)s, %(after)s)
                         < ARRAY_POSITION(%(names)s, %(before)s) THEN 'up'
                    ELSE 'down' END""",
            before=before,
            after=after,
            names=names,
        )

    @api.model
    def _get_class_sql(self, alias, name):
        return SQL(
            "COALESCE(%s || '_' || NULLIF(%s, ''), 'new')",
            SQL.identifier(alias, "dimension"),
            SQL.identifier(alias, name),
        )

    # ------------------------------------------------------------
    # SEARCH
    # ------------------------------------------------------------

    @api.model
    def _search_class(self, field_name, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain.FALSE
        for name in value:
            if name == "new":
                domain |= Domain(field_name, "in", [False, ""])
            elif name:
                dimension, code = self._split_class(name)
                domain |= Domain("dimension", "=", dimension) & Domain(
                    field_name, "=", code
                )
        return domain

    @api.model
    def _split_class(self, name):
        """:return: the dimension and the code of the name of a class"""
        for dimension, classes in CLASSES.items():
            for code, _label in classes:
                if name == f"{dimension}_{code}":
                    return dimension, code
        return False, False

    def _search_class_from(self, operator, value):
        return self._search_class("value_from", operator, value)

    def _search_class_to(self, operator, value):
        return self._search_class("value_to", operator, value)

    def _search_direction(self, operator, value):
        if operator != "in":
            return NotImplemented
        directions = [one for one in value if one]

        def to_sql(model, alias, query):
            return SQL(
                "%s = ANY(%s)",
                model._field_to_sql(alias, "direction", query),
                directions,
            )

        return Domain.custom(
            to_sql=to_sql, predicate=lambda change: change.direction in directions
        )
