from .common import CustomerVisitCommon


class TestFollowup(CustomerVisitCommon):
    def test_install(self):
        template = self.env["customer.followup.template"].create(
            {
                "name": "X",
                "step_ids": [
                    (0, 0, {"name": "a", "method": "visit", "delay": 2}),
                    (0, 0, {"name": "b", "method": "phone", "delay": 2}),
                ],
            }
        )
        followup = (
            self.env["customer.followup"]
            .with_user(self.custodian_east)
            ._start_for(self.card_east, template)
        )
        self.assertEqual(followup.next_state, "planned")
        visit = followup.current_line_id.visit_id
        self.assertEqual(visit.user_id, self.custodian_east)
