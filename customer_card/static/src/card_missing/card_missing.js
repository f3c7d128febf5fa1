import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { Component } from "@odoo/owl";

const FOCUSABLE = "input, textarea, select, [contenteditable=true], a, button";
// until a tab has been drawn
const PATIENCE = 2000;

/**
 * What a card lacks, as links: a click opens the tab of the form where it is filled
 * in, and puts the cursor there.
 */
export class CardMissing extends Component {
    static template = "customer_card.CardMissing";
    static props = { ...standardFieldProps };

    setup() {
        this.notification = useService("notification");
    }

    get missing() {
        return this.props.record.data[this.props.name] || [];
    }

    async onClick(ev, item) {
        const form = ev.currentTarget.closest(".o_form_view");
        this.openTabs(form, item.field);
        const field = await this.find(form, item.field);
        if (!field) {
            this.notification.add(
                _t("“%s” is not on this form. Your administrator can add it.", item.name),
                { type: "warning" }
            );
            return;
        }
        field.scrollIntoView({ block: "center", behavior: "smooth" });
        field.querySelector(FOCUSABLE)?.focus({ preventScroll: true });
    }

    /** Click the headers of the notebook pages that the field stands in. */
    openTabs(form, name) {
        const arch = this.env.config.viewArch;
        const node = [...(arch?.querySelectorAll(`field[name="${name}"]`) || [])].find(
            (one) => !one.parentElement.closest("field") && !this.isHidden(one)
        );
        const pages = [];
        for (let page = node?.closest("page"); page; page = page.parentElement.closest("page")) {
            pages.unshift(page.getAttribute("name"));
        }
        for (const page of pages) {
            form.querySelector(`.o_notebook_headers .nav-link[name="${page}"]`)?.click();
        }
    }

    isHidden(node) {
        return ["1", "True"].includes(node.getAttribute("invisible"));
    }

    async find(form, name) {
        const end = Date.now() + PATIENCE;
        do {
            const field = [...form.querySelectorAll(`.o_field_widget[name="${name}"]`)].find(
                (one) => one.offsetParent
            );
            if (field) {
                return field;
            }
            await new Promise((resolve) => setTimeout(resolve, 50));
        } while (Date.now() < end);
        return null;
    }
}

registry.category("fields").add("card_missing", {
    component: CardMissing,
    displayName: _t("What a card lacks"),
    supportedTypes: ["json"],
    isEmpty: (record, name) => !(record.data[name] || []).length,
});
