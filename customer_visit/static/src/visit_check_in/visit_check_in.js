import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Component, onMounted, onWillUnmount, useState } from "@odoo/owl";

const { DateTime } = luxon;

/** The bar of a visit with the one button that is needed now, big enough for a thumb. */
export class VisitCheckIn extends Component {
    static template = "customer_visit.VisitCheckIn";
    static props = { ...standardWidgetProps };

    setup() {
        this.checkIn = useService("visit_check_in");
        this.action = useService("action");
        this.state = useState({ busy: false, now: DateTime.now() });
        onMounted(() => {
            this.timer = browser.setInterval(() => {
                this.state.now = DateTime.now();
            }, 20000);
        });
        onWillUnmount(() => browser.clearInterval(this.timer));
    }

    get data() {
        return this.props.record.data;
    }

    get isVisible() {
        return (
            this.props.record.resId &&
            this.data.is_mine &&
            (this.canStart || this.data.state === "in_progress")
        );
    }

    get canStart() {
        return (
            ["planned", "prepared"].includes(this.data.state) &&
            ["visit", "reception", "meeting"].includes(this.data.method)
        );
    }

    get since() {
        return this.data.date_start?.toLocaleString(DateTime.TIME_SIMPLE);
    }

    get elapsed() {
        const start = this.data.date_start;
        if (!start) {
            return "";
        }
        const minutes = Math.max(0, Math.floor(this.state.now.diff(start, "minutes").minutes));
        return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}`;
    }

    async run(step) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            if (await this.props.record.save()) {
                await step(this.props.record.resId);
            }
        } finally {
            this.state.busy = false;
            await this.reload();
        }
    }

    reload() {
        return this.props.record.load();
    }

    onStart() {
        return this.run((id) => this.checkIn.start(id));
    }

    onEnd() {
        return this.run((id) => this.checkIn.end(id, () => this.reload()));
    }
}

registry.category("view_widgets").add("visit_check_in", {
    component: VisitCheckIn,
    fieldDependencies: [
        { name: "state", type: "selection" },
        { name: "method", type: "selection" },
        { name: "is_mine", type: "boolean" },
        { name: "date_start", type: "datetime" },
        { name: "customer_phone", type: "char" },
        { name: "customer_map_url", type: "char" },
    ],
});

/** On a card: check in at a customer whom nobody has planned. */
export class VisitNow extends Component {
    static template = "customer_visit.VisitNow";
    static props = { ...standardWidgetProps };

    setup() {
        this.checkIn = useService("visit_check_in");
        this.state = useState({ busy: false });
    }

    async onClick() {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            if (await this.props.record.save()) {
                await this.checkIn.visitNow(this.props.record.resId);
            }
        } finally {
            this.state.busy = false;
        }
    }
}

registry.category("view_widgets").add("visit_now", { component: VisitNow });
