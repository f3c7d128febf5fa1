import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** A block of the page: a title, rows, and what to do with them. */
export class MyDayBlock extends Component {
    static template = "customer_visit.MyDayBlock";
    static props = {
        block: Object,
        busy: { type: [String, Boolean], optional: true },
        onOpen: Function,
        onPress: Function,
        onSeeAll: Function,
        onEmpty: Function,
    };

    get more() {
        return this.props.block.count - this.props.block.rows.length;
    }

    buttonKey(row, button) {
        return `${this.props.block.code}-${row.key}-${button.method}`;
    }
}

/** The day's contacts, one below the other along the hours. */
export class MyDayRoute extends MyDayBlock {
    static template = "customer_visit.MyDayRoute";
}

/**
 * "My Day": the start page. One call brings all of it; what a button does is done on the
 * server, and the page is read again.
 */
export class MyDay extends Component {
    static template = "customer_visit.MyDay";
    static components = { Layout, MyDayBlock, MyDayRoute };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.checkIn = useService("visit_check_in");
        this.display = { controlPanel: {} };
        this.rootRef = useRef("root");
        this.state = useState({ data: null, busy: false });
        this.lastCall = 0;
        this.followFocus = false;
        // the arrow keys lead from day to day: the chosen one keeps the focus
        useEffect(
            () => {
                if (this.followFocus) {
                    this.followFocus = false;
                    this.rootRef.el?.querySelector("[aria-current=date]")?.focus();
                }
            },
            () => [this.state.data?.day]
        );
        onWillStart(() => this.load(this.props.state?.day));
    }

    get mainBlocks() {
        return this.state.data.blocks.filter((block) => block.column === "main");
    }

    get sideBlocks() {
        return this.state.data.blocks.filter((block) => block.column !== "main");
    }

    get isToday() {
        return this.state.data.day === this.state.data.today;
    }

    get percent() {
        const { done, count } = this.state.data.progress;
        return count ? Math.round((100 * done) / count) : 0;
    }

    async load(day = this.state.data?.day || false) {
        const call = ++this.lastCall;
        const data = await this.orm.call("customer.my.day", "get_day", [day]);
        if (call === this.lastCall) {
            this.state.data = data;
        }
    }

    move(days) {
        const day = luxon.DateTime.fromISO(this.state.data.day).plus({ days });
        return this.load(day.toISODate());
    }

    onWeekKeydown(ev) {
        const days = { ArrowLeft: -1, ArrowRight: 1 }[ev.key];
        if (days) {
            ev.preventDefault();
            this.followFocus = true;
            this.move(days);
        }
    }

    open(row) {
        if (row.action) {
            return this.action.doAction(row.action);
        }
        const context = row.form ? { form_view_ref: row.form } : {};
        return this.openRecord(row.model, row.id, context);
    }

    openRecord(model, id, context = {}) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: model,
            res_id: id || false,
            views: [[false, "form"]],
            context,
        });
    }

    openEmpty(empty) {
        if (empty.action) {
            return this.action.doAction(empty.action);
        }
        return this.openRecord(empty.model, false, empty.context);
    }

    planVisit() {
        return this.openRecord("customer.visit", false, {
            default_date_planned: `${this.state.data.day} 08:00:00`,
        });
    }

    seeAll(block) {
        return this.action.doAction(block.action, {
            additionalContext: block.context || {},
        });
    }

    /** What a button of a row does: a method of the server, and what that opens. */
    async press(row, button, key) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = key;
        try {
            await this.run(button);
        } finally {
            this.state.busy = false;
        }
    }

    async run({ model, method, ids }) {
        const reload = () => this.load();
        if (method === "action_start") {
            await this.checkIn.start(ids[0]);
            return reload();
        }
        if (method === "action_end") {
            await this.checkIn.end(ids[0], reload);
            return reload();
        }
        const result = await this.orm.call(model, method, [ids]);
        if (result && typeof result === "object" && result.type) {
            return this.action.doAction(result, { onClose: reload });
        }
        return reload();
    }

    get newTitle() {
        return _t("Plan a visit for the chosen day");
    }
}

registry.category("actions").add("customer_visit.my_day", MyDay);
