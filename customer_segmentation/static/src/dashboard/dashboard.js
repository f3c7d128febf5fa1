import { Component, onWillStart, useState } from "@odoo/owl";
import { formatCurrency } from "@web/core/currency";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat, formatInteger } from "@web/views/fields/formatters";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

import { TradeChart } from "../trade_chart/trade_chart";

/**
 * "Dashboard": how the customers of a company, a department or a custodian stand. One call
 * brings all of it; each number opens the records behind it.
 */
export class CustomerDashboard extends Component {
    static template = "customer_segmentation.Dashboard";
    static components = { Layout, TradeChart };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.display = { controlPanel: {} };
        this.state = useState({ data: null, team: false, custodian: false, busy: false });
        this.lastCall = 0;
        const { team = false, custodian = false } = this.props.state || {};
        Object.assign(this.state, { team, custodian });
        onWillStart(() => this.load());
    }

    async load() {
        const call = ++this.lastCall;
        this.state.busy = true;
        try {
            const data = await this.orm.call("customer.dashboard", "get_dashboard", [
                this.state.team,
                this.state.custodian,
            ]);
            if (call === this.lastCall) {
                this.state.data = data;
            }
        } finally {
            if (call === this.lastCall) {
                this.state.busy = false;
            }
        }
    }

    choose(what, ev) {
        this.state[what] = Number(ev.target.value) || false;
        return this.load();
    }

    // -- how it is written

    money(value) {
        const large = Math.abs(value) >= 1000;
        return formatCurrency(value, this.state.data.currency, {
            digits: large ? [false, 0] : undefined,
        });
    }

    number(value) {
        return formatInteger(value);
    }

    percent(value) {
        return `${formatFloat(value, { digits: [false, 1] })} %`;
    }

    decimal(value) {
        return formatFloat(value, { digits: [false, 2] });
    }

    tileValue(tile) {
        return tile.kind === "money" ? this.money(tile.value) : this.number(tile.value);
    }

    get isEmpty() {
        return !this.state.data.curve.length && !this.hasMonths;
    }

    get hasMonths() {
        return this.state.data.months.some((month) => month.amount || month.before);
    }

    // -- charts

    get monthLabels() {
        return this.state.data.months.map((month) => month.label);
    }

    get monthSets() {
        const { months } = this.state.data;
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

    get curveLabels() {
        return ["0 %", ...this.state.data.curve.map(({ x }) => `${Math.round(x)} %`)];
    }

    get curveSets() {
        return [
            {
                label: _t("Share of the sales"),
                data: [0, ...this.state.data.curve.map(({ y }) => y)],
                color: "main",
                points: false,
            },
        ];
    }

    get chartTexts() {
        return {
            months: _t("Net sales by month, beside the year before"),
            curve: _t("Share of the sales that the largest customers hold"),
        };
    }

    // -- what is behind it

    open(name, domain, model = "customer.metrics") {
        const views = { "customer.metrics": ["list", "kanban", "graph", "pivot", "form"] };
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: model,
            views: (views[model] || ["list"]).map((view) => [false, view]),
            domain,
        });
    }

    openCustomer(row) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "customer.metrics",
            res_id: row.id,
            views: [[false, "form"]],
        });
    }

    openClass(row) {
        return this.open(_t("Class %(name)s", { name: row.label }), row.domain);
    }

    openRisk(row) {
        return this.open(_t("Risk of Defection: %(name)s", { name: row.label }), row.domain);
    }

    openMigration(row) {
        const name = _t("From %(before)s to %(after)s", {
            before: row.from,
            after: row.to,
        });
        return this.open(name, row.domain, "customer.segment.change");
    }

    openMonth(index) {
        const { label, start, end } = this.state.data.months[index];
        return this.openTrade(label, [
            ["date", ">=", start],
            ["date", "<", end],
        ]);
    }

    openTrade(name, domain) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model: "customer.trade.report",
            views: ["list", "pivot", "graph"].map((view) => [false, view]),
            domain: [...this.state.data.domain, ...domain],
        });
    }

    openLargest() {
        return this.open(_t("Largest Customers"), [...this.state.data.domain, ["amount", ">", 0]]);
    }
}

registry.category("actions").add("customer_segmentation.dashboard", CustomerDashboard);
