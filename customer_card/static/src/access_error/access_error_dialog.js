import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardErrorDialogProps } from "@web/core/errors/error_dialogs";

/**
 * A customer's card that the user may not open is an offer, not a dead end: the dialog
 * of a CardAccessError lets him request access.
 */
export class CardAccessErrorDialog extends Component {
    static template = "customer_card.CardAccessErrorDialog";
    static components = { Dialog };
    static props = { ...standardErrorDialogProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.title = _t("Customer Card");
        const { data, message } = this.props;
        this.message = data?.arguments?.[0] || message;
        this.partnerIds = data?.context?.card_request?.partner_ids || [];
    }

    async onRequestAccess() {
        const action = await this.orm.call("res.partner", "action_request_card_access", [
            this.partnerIds,
        ]);
        this.props.close();
        await this.action.doAction(action, { forceLeave: true });
    }
}

registry
    .category("error_dialogs")
    .add("odoo.addons.customer_card.exceptions.CardAccessError", CardAccessErrorDialog);
