import { deserializeDateTime } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";

const { DateTime } = luxon;

/**
 * Tells the server that the user opens this card, and shows what others changed
 * since he last did. Reading a record must not write, so the form says it itself.
 */
export class CardLook extends Component {
    static template = "customer_card.CardLook";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ news: [], since: "", more: false, folded: true });
        this.shownId = null;
        onWillStart(() => {
            this.look(this.props.record);
        });
        onWillUpdateProps((props) => {
            this.look(props.record);
        });
    }

    async look(record) {
        const id = record.resId;
        if (!id || id === this.shownId) {
            return;
        }
        this.shownId = id;
        this.state.news = [];
        this.state.folded = true;
        let answer;
        try {
            answer = await this.orm.silent.call("res.partner", "card_look", [[id]]);
        } catch {
            // what is new is a courtesy: the card itself opens all the same
            return;
        }
        if (this.shownId !== id) {
            return;
        }
        this.state.since = answer.since && this.format(answer.since);
        this.state.more = answer.more;
        this.state.news = answer.news.map((one) => ({ ...one, date: this.format(one.date) }));
    }

    format(date) {
        return deserializeDateTime(date).toLocaleString(DateTime.DATETIME_MED);
    }

    toggle() {
        this.state.folded = !this.state.folded;
    }
}

registry.category("view_widgets").add("card_look", {
    component: CardLook,
    fieldDependencies: [],
});
