import { Component, onMounted, onWillUnmount } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * Works off the batches of the "Open Cards" wizard, one request each, and reloads the
 * form in between so that its progress bar moves. Closing the window stops it.
 */
export class CardOpenRunner extends Component {
    static template = "customer_card.CardOpenRunner";
    static props = standardWidgetProps;

    setup() {
        this.orm = useService("orm");
        this.stopped = false;
        onMounted(() => this.run());
        onWillUnmount(() => {
            this.stopped = true;
        });
    }

    async run() {
        const { record } = this.props;
        let more = record.data.state === "running";
        while (more && !this.stopped) {
            more = await this.orm.call(record.resModel, "run_batch", [[record.resId]]);
            if (!this.stopped) {
                await record.load();
            }
        }
    }
}

registry.category("view_widgets").add("customer_card_open_runner", {
    component: CardOpenRunner,
    fieldDependencies: [{ name: "state", type: "selection" }],
});
