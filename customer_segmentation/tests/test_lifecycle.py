from datetime import date

from .common import CustomerSegmentationCommon


class TestLifecycle(CustomerSegmentationCommon):
    """O03: the stages follow from stated rules."""

    def test_stages(self):
        self.make_invoice(self.card_west, 100, "2026-01-05")
        self.refresh(date(2026, 6, 30))
        self.assertEqual(self.get_row(self.card_west).lifecycle_stage, "customer")
        self.assertEqual(self.get_row(self.card_east).lifecycle_stage, "potential")
