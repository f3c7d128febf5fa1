import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { Sparkline, TradeChart } from "../trade_chart/trade_chart";

/**
 * The page "Trade" of a card: what the customer buys, how he pays and why he buys, in one
 * look. It is read when the page is opened, not with every card.
 */
export class TradeSheet extends Component {
    static template = "customer_segmentation.TradeSheet";
    static components = { Sparkline, TradeChart };
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ sheet: null });
        onWillStart(() => this.load(this.props.record));
        onWillUpdateProps(async (next) => {
            const { resId, data } = next.record;
            if (this.shown.id !== resId || this.shown.saved !== data.write_date) {
                await this.load(next.record);
            }
        });
    }

    async load(record) {
        this.shown = { id: record.resId, saved: record.data.write_date };
        this.state.sheet = record.resId
            ? await this.orm.call("res.partner", "get_trade_sheet", [record.resId])
            : null;
    }

    get labels() {
        return this.state.sheet.months.map((month) => month.label);
    }

    get datasets() {
        const { months } = this.state.sheet;
        return [
            {
                label: _t("Last 12 months"),
                data: months.map((month) => month.amount),
                color: "main",
            },
            {
                label: _t("The year before"),
                data: months.map((month) => month.before),
                color: "quiet",
            },
        ];
    }

    get hasTrade() {
        return this.state.sheet.months.some((month) => month.amount || month.before);
    }

    get chartLabel() {
        return _t("Net sales by month, beside the year before");
    }

    sparkLabel(measure) {
        return _t("%(measure)s, by month", { measure: measure.label });
    }

    async openPurchases(domain = []) {
        const action = await this.orm.call("res.partner", "action_open_purchases", [
            this.state.sheet.customer,
        ]);
        return this.action.doAction({
            ...action,
            domain: [...action.domain, ...domain],
            context: { show_attribute: false },
        });
    }

    openMonth(index) {
        const { start, end } = this.state.sheet.months[index];
        return this.openPurchases([
            ["date", ">=", start],
            ["date", "<", end],
        ]);
    }

    openProduct(product) {
        return this.openPurchases([["product_id", "=", product.id]]);
    }
}

registry.category("view_widgets").add("customer_trade_sheet", {
    component: TradeSheet,
    fieldDependencies: [{ name: "write_date", type: "datetime" }],
});
