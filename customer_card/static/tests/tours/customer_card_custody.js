import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** Choose a user by his name in a many2one field. */
function choose(field, name) {
    return [
        {
            content: `Look for ${name}`,
            trigger: `.o_field_widget[name=${field}] input`,
            run: `edit ${name}`,
        },
        {
            content: `Choose ${name}`,
            trigger: `.o-autocomplete--dropdown-menu li:contains(${name})`,
            run: "click",
        },
    ];
}

function stateIs(label) {
    return {
        content: `The status is ${label}`,
        trigger: `.o_statusbar_status .o_arrow_button_current:contains(${label})`,
    };
}

tours.add("customer_card_custodian_leaves", {
    steps: () => [
        {
            content: "Nobody is on leave yet: name a deputy",
            trigger: ".o_control_panel button:contains(Name a Deputy)",
            run: "click",
        },
        { trigger: ".modal .o_field_widget[name=card_count]:contains(1)" },
        ...choose("deputy_id", "Deputy East"),
        { trigger: ".modal button[name=action_confirm]", run: "click" },
        {
            content: "The deputy stands in",
            trigger:
                "body:not(:has(.modal)) .o_data_row:contains(Custodian East):contains(Deputy East):contains(Running)",
        },
    ],
});

tours.add("customer_card_custodian_returns", {
    steps: () => [
        {
            content: "Back already",
            trigger: ".o_data_row:contains(Deputy East) button[name=action_end]",
            run: "click",
        },
        { trigger: ".modal button:contains(Ok)", run: "click" },
        { trigger: "body:not(:has(.modal)):not(:has(.o_data_row:contains(Deputy East)))" },
    ],
});

tours.add("customer_card_manager_prepares_handover", {
    steps: () => [
        { trigger: ".o_control_panel button:contains(New)", run: "click" },
        {
            content: "Somebody leaves",
            trigger: ".o_field_widget[name=kind] label:contains(Resignation)",
            run: "click",
        },
        ...choose("custodian_id", "Custodian East"),
        ...choose("successor_id", "Deputy East"),
        { trigger: ".o_field_widget[name=card_count]:contains(1)" },
        { trigger: "button[name=action_submit]", run: "click" },
        stateIs("To Approve"),
    ],
});

tours.add("customer_card_region_approves_handover", {
    steps: () => [
        { trigger: ".o_data_row .o_data_cell:contains(Deputy East)", run: "click" },
        {
            content: "What is open is shown before the decision",
            trigger: ".o_form_view .o_field_widget[name=open_summary]:contains(Activities)",
        },
        { trigger: "button[name=action_approve]", run: "click" },
        stateIs("To Accept"),
    ],
});

tours.add("customer_card_successor_accepts", {
    steps: () => [
        {
            content: "The handover that waits for me",
            trigger: ".o_kanban_record:contains(To accept)",
            run: "click",
        },
        {
            content: "Look at the cards first",
            trigger: "button[name=action_show_cards]",
            run: "click",
        },
        { trigger: ".o_data_row:contains(Alpha Foods):contains(Activities 1)" },
        { trigger: ".o_control_panel a:contains(HAND/)", run: "click" },
        { trigger: "button[name=action_accept]", run: "click" },
        { trigger: ".modal button:contains(Ok)", run: "click" },
        stateIs("Handed Over"),
    ],
});
