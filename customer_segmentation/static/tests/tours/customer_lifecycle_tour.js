import { registry } from "@web/core/registry";

const card = (name) => `.o_kanban_record:contains(${name})`;
const column = (name) => `.o_kanban_group:has(.o_column_title:contains(${name}))`;

/** A card is dragged to another stage: the reason is asked for, and it stands there. */
registry.category("web_tour.tours").add("customer_lifecycle_drag", {
    steps: () => [
        {
            trigger: `${column("Potential")} ${card("Alpha Foods")}`,
            run: `drag_and_drop(${column("Supporter")})`,
        },
        {
            content: "It is asked why, and stays where it was until then",
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit Chairs the fair",
        },
        { trigger: `body:has(${column("Potential")} ${card("Alpha Foods")})` },
        { trigger: ".modal button[name=action_move]", run: "click" },
        { trigger: `body:not(:has(.modal)) ${column("Supporter")} ${card("Alpha Foods")}` },
        {
            trigger: `${column("Supporter")} ${card("Alpha Foods")}:contains(Chairs the fair)`,
        },
        {
            content: "The star asks for the reason too",
            trigger: `${card("Alpha Foods")} .o_key_star[aria-pressed=false]`,
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] input",
            run: "edit Opens doors",
        },
        { trigger: ".modal button[name=action_set]", run: "click" },
        {
            trigger: `body:not(:has(.modal)) ${card("Alpha Foods")} .o_key_star[aria-pressed=true]`,
        },
    ],
});

/** A borrower sees the card and cannot move it. */
registry.category("web_tour.tours").add("customer_lifecycle_drag_refused", {
    steps: () => [
        {
            trigger: `${column("Potential")} ${card("Alpha Foods")}`,
            run: `drag_and_drop(${column("Supporter")})`,
        },
        { trigger: ".modal:contains(only the custodian)" },
        { trigger: ".modal button:contains(Close)", run: "click" },
        { trigger: `body:not(:has(.modal)) ${column("Potential")} ${card("Alpha Foods")}` },
    ],
});
