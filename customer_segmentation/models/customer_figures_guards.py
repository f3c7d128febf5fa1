"""The models of this addon that tell about one customer by ``partner_id``."""

from odoo import models


class CustomerMetrics(models.Model):
    _name = "customer.metrics"
    _inherit = ["customer.figures.mixin", "customer.metrics"]


class CustomerMetricsProduct(models.Model):
    _name = "customer.metrics.product"
    _inherit = ["customer.figures.mixin", "customer.metrics.product"]


class CustomerSegmentChange(models.Model):
    _name = "customer.segment.change"
    _inherit = ["customer.figures.mixin", "customer.segment.change"]


class CustomerEarlyAdoption(models.Model):
    _name = "customer.early.adoption"
    _inherit = ["customer.figures.mixin", "customer.early.adoption"]


class CustomerKeyMark(models.Model):
    _name = "customer.key.mark"
    _inherit = ["customer.figures.mixin", "customer.key.mark"]


class CustomerLifecycleOverride(models.Model):
    _name = "customer.lifecycle.override"
    _inherit = ["customer.figures.mixin", "customer.lifecycle.override"]
