import { Component, onWillUnmount, useRef, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const DELAY = 250;

/**
 * "Find a Customer": one box, and the customers that the user may see, best first, with
 * the reason why each was found. Arrow keys choose, Enter opens.
 */
export class CardFind extends Component {
    static template = "customer_card.CardFind";
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.results = useRef("results");
        this.inputRef = useAutofocus();
        this.title = this.props.action.name || _t("Find a Customer");
        this.state = useState({
            typed: this.props.state?.typed || "",
            term: "",
            rows: [],
            more: false,
            active: 0,
            busy: false,
            searched: false,
            // whether somebody else keeps such a card: not asked, "yes" or "no"
            elsewhere: null,
        });
        this.last = 0;
        this.searchSoon = useDebounced(() => this.search(), DELAY);
        onWillUnmount(() => this.last++);
        if (this.state.typed) {
            this.search();
        }
    }

    get activeId() {
        const row = this.state.rows[this.state.active];
        return row ? `o_card_find_${row.id}` : undefined;
    }

    get nothingFound() {
        return this.state.searched && !this.state.rows.length;
    }

    badge(row) {
        const colours = { active: "success", draft: "info", dormant: "warning" };
        return `text-bg-${colours[row.state] || "secondary"}`;
    }

    async search() {
        const term = this.state.typed.trim();
        const call = ++this.last;
        if (!term) {
            Object.assign(this.state, { term, rows: [], searched: false, busy: false });
            return;
        }
        this.state.busy = true;
        try {
            const found = await this.orm.call("res.partner", "card_find", [term]);
            if (call === this.last) {
                Object.assign(this.state, {
                    ...found,
                    active: 0,
                    searched: true,
                    elsewhere: null,
                });
            }
        } finally {
            if (call === this.last) {
                this.state.busy = false;
            }
        }
    }

    onInput() {
        this.state.searched = false;
        this.searchSoon();
    }

    onKeydown(ev) {
        const { rows, active } = this.state;
        const moves = { ArrowDown: 1, ArrowUp: -1 };
        if (ev.key in moves && rows.length) {
            ev.preventDefault();
            this.state.active = (active + moves[ev.key] + rows.length) % rows.length;
            this.results.el
                ?.querySelector(`#o_card_find_${rows[this.state.active].id}`)
                ?.scrollIntoView({ block: "nearest" });
        } else if (ev.key === "Enter") {
            ev.preventDefault();
            if (this.state.searched && rows.length) {
                this.open(rows[active]);
            } else {
                this.search();
            }
        } else if (ev.key === "Escape" && this.state.typed) {
            this.state.typed = "";
            this.search();
        }
    }

    open(row) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "res.partner",
            res_id: row.id,
            views: [[false, "form"]],
            context: { form_view_ref: "customer_card.res_partner_view_form_card" },
        });
    }

    async askElsewhere() {
        const { term } = this.state;
        const exists = await this.orm.call("res.partner", "card_find_elsewhere", [term]);
        if (term === this.state.term) {
            this.state.elsewhere = exists ? "yes" : "no";
        }
    }

    async requestAccess() {
        const { term } = this.state;
        this.action.doAction(
            await this.orm.call("res.partner", "action_request_similar_card", [term])
        );
    }

    async report() {
        const action = await this.orm.call("res.partner", "action_report_customer", []);
        const context = { ...action.context, default_name: this.state.term };
        this.action.doAction({ ...action, context });
    }
}

registry.category("actions").add("customer_card.find", CardFind);
