import { rpcBus } from "@web/core/network/rpc";
import { patch } from "@web/core/utils/patch";
import { RelationalModel } from "@web/model/relational_model/relational_model";

/**
 * The web client keeps what it has shown on the disk of the computer, and shows it again
 * before the server has answered. A customer who was lent would stay readable there after
 * the loan: contacts, and whatever names customers, are always asked of the server.
 */
patch(RelationalModel.prototype, {
    _getCacheParams(config) {
        if (config.resModel === "res.partner" || config.resModel.startsWith("customer.")) {
            return undefined;
        }
        return super._getCacheParams(...arguments);
    },
});

/** Forgets what an older session, without the addon, has left on the disk. */
export function forgetShownCustomers() {
    rpcBus.trigger("CLEAR-CACHES", ["web_read", "web_search_read", "web_read_group"]);
}
