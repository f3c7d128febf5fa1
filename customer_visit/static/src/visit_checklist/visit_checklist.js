import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { formatFloat } from "@web/views/fields/formatters";
import { parseFloat } from "@web/views/fields/parsers";
import { Component, useState } from "@odoo/owl";

/** The questions of a visit, answered where they stand: one tap for most of them. */
export class VisitChecklist extends Component {
    static template = "customer_visit.VisitChecklist";
    static components = { DateTimeInput };
    static props = { ...standardFieldProps };

    setup() {
        this.state = useState({ wrong: {} });
    }

    get answers() {
        return this.props.record.data[this.props.name].records;
    }

    get openCount() {
        return this.answers.filter((one) => one.data.required && !this.isAnswered(one)).length;
    }

    isAnswered({ data }) {
        switch (data.kind) {
            case "yes_no":
                return Boolean(data.answer_yes_no);
            case "choice":
                return Boolean(data.answer_choice_id);
            case "number":
                return data.has_number;
            case "date":
                return Boolean(data.answer_date);
            default:
                return Boolean(data.answer_text);
        }
    }

    number({ data }) {
        return data.has_number ? formatFloat(data.answer_number, { trailingZeros: false }) : "";
    }

    setYesNo(answer, value) {
        // a second tap takes the answer back
        const same = answer.data.answer_yes_no === value;
        return answer.update({ answer_yes_no: same ? false : value });
    }

    setChoice(answer, choice) {
        const same = answer.data.answer_choice_id?.id === choice.id;
        return answer.update({ answer_choice_id: same ? false : choice });
    }

    setText(answer, text) {
        return answer.update({ answer_text: text.trim() || false });
    }

    setDate(answer, date) {
        return answer.update({ answer_date: date || false });
    }

    setNumber(answer, text) {
        const given = Boolean(text.trim());
        let number;
        try {
            number = given ? parseFloat(text) : 0;
        } catch {
            this.state.wrong[answer.id] = true;
            return Promise.resolve();
        }
        delete this.state.wrong[answer.id];
        return answer.update({ answer_number: number, has_number: given });
    }
}

export const visitChecklist = {
    component: VisitChecklist,
    supportedTypes: ["one2many"],
    useSubView: false,
    // a related field is read-only unless it says otherwise
    relatedFields: [
        { name: "question", type: "char" },
        { name: "kind", type: "char" },
        { name: "required", type: "boolean" },
        { name: "choices", type: "json" },
        {
            name: "check_id",
            type: "many2one",
            relation: "customer.visit.check",
            readonly: false,
        },
        { name: "answer_yes_no", type: "char", readonly: false },
        {
            name: "answer_choice_id",
            type: "many2one",
            relation: "customer.visit.choice",
            readonly: false,
        },
        { name: "answer_text", type: "text", readonly: false },
        { name: "answer_number", type: "float", readonly: false },
        { name: "has_number", type: "boolean", readonly: false },
        { name: "answer_date", type: "date", readonly: false },
    ],
};

registry.category("fields").add("visit_checklist", visitChecklist);
