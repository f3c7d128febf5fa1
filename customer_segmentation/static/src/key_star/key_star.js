import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/**
 * The star of a key customer, with the reason as its title. A click asks the server,
 * which says whether the user may set it, and for the reason.
 */
export class KeyStar extends Component {
    static template = "customer_segmentation.KeyStar";
    static props = {
        ...standardFieldProps,
        partnerField: { type: String, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
    }

    get isKey() {
        return this.props.record.data[this.props.name];
    }

    get partnerId() {
        const { record, partnerField } = this.props;
        return partnerField ? record.data[partnerField]?.id : record.resId;
    }

    get title() {
        if (this.isKey) {
            const reason = this.props.record.data.key_reason;
            return reason ? _t("Key customer: %s", reason) : _t("Key customer");
        }
        return this.partnerId ? _t("Make this a key customer") : _t("No key customer");
    }

    async onClick() {
        if (!this.partnerId) {
            return;
        }
        const action = await this.orm.call("res.partner", "action_key_star", [[this.partnerId]]);
        await this.action.doAction(action, {
            onClose: () => this.props.record.load(),
        });
    }
}

export const keyStar = {
    component: KeyStar,
    displayName: _t("Star of a Key Customer"),
    supportedTypes: ["boolean"],
    isEmpty: () => false,
    listViewWidth: 30,
    fieldDependencies: [{ name: "key_reason", type: "char" }],
    extractProps: ({ options }) => ({ partnerField: options.partner_field }),
};

registry.category("fields").add("key_star", keyStar);
