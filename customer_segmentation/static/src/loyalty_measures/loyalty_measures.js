import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The measures of loyalty, each with what it rests on and a way to the records. */
export class LoyaltyMeasures extends Component {
    static template = "customer_segmentation.LoyaltyMeasures";
    static props = { ...standardFieldProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get evidenceTitle() {
        return _t("Show the records");
    }

    scoreTitle(one) {
        return one.limit
            ? _t("%(score)s of 100 points, limit %(limit)s", {
                  score: one.score,
                  limit: one.limit,
              })
            : _t("%s of 100 points", one.score);
    }

    async open(code) {
        const action = await this.orm.call("customer.metrics", "action_loyalty_evidence", [
            [this.value.id],
            code,
        ]);
        return this.action.doAction(action);
    }
}

registry.category("fields").add("loyalty_measures", {
    component: LoyaltyMeasures,
    displayName: _t("Measures of Loyalty"),
    supportedTypes: ["json"],
});
