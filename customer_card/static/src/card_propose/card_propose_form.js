import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { RelationalModel } from "@web/model/relational_model/relational_model";
import { FormController } from "@web/views/form/form_controller";
import { formView } from "@web/views/form/form_view";

const LINKS = ["many2one", "many2one_reference", "reference", "one2many", "many2many"];

/**
 * A copy of a card, and of its entries: the server is asked for nothing that needs the
 * right to write them, which whoever proposes does not have.
 */
export class CardProposeModel extends RelationalModel {
    async _onchange(config, { changes = {}, fieldNames = [] } = {}) {
        if (fieldNames.includes("company_type")) {
            return { is_company: changes.company_type === "company" };
        }
        const values = {};
        if (!fieldNames.length) {
            for (const name of Object.keys(config.activeFields)) {
                const value = config.context[`default_${name}`];
                if (value !== undefined && !LINKS.includes(config.fields[name].type)) {
                    values[name] = value;
                }
            }
        }
        return values;
    }
}

/** The form of a card whose changes are proposed instead of saved. */
export class CardProposeController extends FormController {
    setup() {
        super.setup();
        this.actionService = useService("action");
    }

    async beforeExecuteActionButton(clickParams) {
        if (clickParams.special !== "save") {
            return super.beforeExecuteActionButton(clickParams);
        }
        await this.save();
        return false;
    }

    /** @returns {Promise<boolean>} whether a proposal was made */
    async save() {
        const record = this.model.root;
        if (!(await record.checkValidity({ displayNotification: true }))) {
            return false;
        }
        const action = await this.orm.call("customer.card.change", "propose", [
            record.resId || false,
            await record.getChanges(),
            this.props.context.card_change_id || false,
        ]);
        await this.actionService.doAction(action);
        return true;
    }

    // Whoever leaves without proposing proposes nothing.
    async beforeLeave() {}
    async beforeUnload() {}
    async beforeVisibilityChange() {}
}

registry.category("views").add("card_propose_form", {
    ...formView,
    Controller: CardProposeController,
    Model: CardProposeModel,
});
