import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

/**
 * What a new contact resembles: links to the customers that the user may see, and the
 * offer to ask for the card that he may not.
 */
export class CardDuplicateBanner extends Component {
    static template = "customer_card.CardDuplicateBanner";
    static props = standardWidgetProps;

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get customers() {
        return this.data.card_duplicate_ids.records.map((record) => ({
            id: record.resId,
            name: record.data.display_name,
        }));
    }

    get data() {
        return this.props.record.data;
    }

    get values() {
        const { name, vat, email, phone, country_id } = this.data;
        return { name, vat, email, phone, country_id: country_id?.id };
    }

    async onRequestAccess() {
        const request = await this.orm.call("res.partner", "action_request_similar_card", [
            this.values,
        ]);
        // beside the form, in which the user goes on
        await this.action.doAction({ ...request, target: "new" });
    }
}

registry.category("view_widgets").add("customer_card_duplicate", {
    component: CardDuplicateBanner,
    fieldDependencies: [
        { name: "card_duplicate_hidden", type: "boolean" },
        { name: "card_duplicate_hidden_reason", type: "char" },
        { name: "card_duplicate_reason", type: "char" },
    ],
});
