import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * What to read before a visit. It is read when somebody looks at it, not with every visit:
 * reading a card on loan is recorded.
 */
export class PreparationSheet extends Component {
    static template = "customer_visit.PreparationSheet";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ sheet: null });
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps(async (next) => {
            const { resId, data } = next.record;
            if (this.shown.id !== resId || this.shown.state !== data.state) {
                await this.load(next.record);
            }
        });
    }

    async load(record) {
        this.shown = { id: record.resId, state: record.data.state };
        this.state.sheet = record.resId
            ? await this.orm.call("customer.visit", "get_preparation", [record.resId])
            : null;
    }

    open(row) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: row.model,
            res_id: row.id,
            views: [[false, "form"]],
        });
    }
}

registry.category("view_widgets").add("customer_visit_preparation", {
    component: PreparationSheet,
    fieldDependencies: [{ name: "state", type: "selection" }],
});
