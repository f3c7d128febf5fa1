import { Component } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { standardErrorDialogProps } from "@web/core/errors/error_dialogs";
import { UncaughtPromiseError } from "@web/core/errors/error_service";
import { _t } from "@web/core/l10n/translation";
import { RPCError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { forgetShownCustomers } from "../card_cache/card_cache";

const CARD_ACCESS_ERROR = "odoo.addons.customer_card.exceptions.CardAccessError";
/** For how long the web client may still be busy going back to where the user was. */
const RECOVERY_TIME = 10000;

/**
 * A customer's card that the user may not open is an offer, not a dead end: the dialog
 * of a CardAccessError lets him request access.
 */
export class CardAccessErrorDialog extends Component {
    static template = "customer_card.CardAccessErrorDialog";
    static components = { Dialog };
    static props = { ...standardErrorDialogProps, onRequest: { type: Function } };

    setup() {
        this.title = _t("Customer Card");
        const { data, message } = this.props;
        this.message = data?.arguments?.[0] || message;
        const asked = data?.context?.card_request || {};
        // what was typed of a customer, or who it was that could not be opened
        this.values = asked.values;
        this.partnerIds = asked.partner_ids || [];
    }

    async onRequestAccess() {
        this.props.onRequest();
        // not by useService: the dialog may be gone before the server answers
        const { action, orm } = this.env.services;
        const request = this.values
            ? await orm.call("res.partner", "action_request_similar_card", [this.values])
            : await orm.call("res.partner", "action_request_card_access", [this.partnerIds]);
        this.props.close();
        await action.doAction(request, { forceLeave: true });
    }
}

/**
 * Shows the dialog. After an error the web client goes back to the last page that
 * worked, and closes all dialogs on its way, so this one comes back once; not when the
 * user was faster and has requested access already.
 */
function showCardAccessError(env, props) {
    const start = Date.now();
    let again = true;
    const onRequest = () => (again = false);
    const show = () =>
        env.services.dialog.add(
            CardAccessErrorDialog,
            { ...props, onRequest },
            {
                onClose: (params) => {
                    if (again && params?.noReload && Date.now() - start < RECOVERY_TIME) {
                        again = false;
                        env.bus.addEventListener("ACTION_MANAGER:UI-UPDATED", show, { once: true });
                    }
                },
            }
        );
    show();
}

function cardAccessErrorHandler(env, error, originalError) {
    if (
        !(error instanceof UncaughtPromiseError) ||
        !(originalError instanceof RPCError) ||
        originalError.exceptionName !== CARD_ACCESS_ERROR
    ) {
        return false;
    }
    error.unhandledRejectionEvent.preventDefault();
    forgetShownCustomers();
    showCardAccessError(env, { message: originalError.message, data: originalError.data });
    return true;
}

registry
    .category("error_handlers")
    .add("cardAccessErrorHandler", cardAccessErrorHandler, { sequence: 96 });
