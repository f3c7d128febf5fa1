import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

function stateIs(label) {
    return {
        content: `The status is ${label}`,
        trigger: `.o_statusbar_status .o_arrow_button_current:contains(${label})`,
    };
}

function openRow(text) {
    return [
        { trigger: `.o_data_row .o_data_cell:contains(${text})`, run: "click" },
        { trigger: ".o_form_view" },
    ];
}

tours.add("card_change_propose", {
    steps: () => [
        ...openRow("Alpha Foods"),
        { trigger: "button[name=action_propose_change]", run: "click" },
        {
            content: "The editor shows the card, and nothing of who keeps it",
            trigger:
                ".modal .o_form_view:not(:has(.o_field_widget[name=card_custodian_id])) .alert:contains(Change what should be different)",
        },
        {
            trigger: ".modal .o_field_widget[name=phone] input",
            run: "edit +32 2 111 11 11",
        },
        {
            trigger: ".modal .o_field_widget[name=website] input",
            run: "edit https://alpha.example.com",
        },
        { trigger: ".modal .nav-link:contains(Contacts)", run: "click" },
        { trigger: ".modal .o_kanban_record:contains(Ada Alpha)", run: "click" },
        {
            trigger: ".modal:contains(Contact) .o_field_widget[name=function] input",
            run: "edit Head of Purchasing",
        },
        { trigger: ".modal .o_form_button_save", run: "click" },
        { trigger: ".modal .o_kanban_record:contains(Head of Purchasing)" },
        { trigger: ".modal .o-kanban-button-new", run: "click" },
        {
            trigger: ".modal .modal-title:contains(Create)",
        },
        {
            trigger: ".modal:has(.modal-title:contains(Create)) .o_field_widget[name=name] input",
            run: "edit Nora New",
        },
        {
            trigger: ".modal:has(.modal-title:contains(Create)) .o_form_button_save",
            run: "click",
        },
        { trigger: ".modal .o_kanban_record:contains(Nora New)" },
        { trigger: ".modal-footer button:contains(Propose)", run: "click" },
        stateIs("Draft"),
        { trigger: ".o_data_row:contains(Phone):contains(+32 2 290 34 90):contains(111 11 11)" },
        { trigger: ".o_data_row:contains(Ada Alpha):contains(Head of Purchasing)" },
        { trigger: ".o_data_row:contains(New: Contact):contains(Nora New)" },
        {
            trigger: ".o_field_widget[name=note] textarea",
            run: "edit New letterhead",
        },
        { trigger: "button[name=action_submit]", run: "click" },
        stateIs("To Approve"),
    ],
});

tours.add("card_change_approve", {
    steps: () => [
        ...openRow("Alpha Foods"),
        {
            content: "The phone has moved meanwhile",
            trigger: ".o_data_row:contains(Phone):contains(333 33 33):contains(Changed Meanwhile)",
        },
        { trigger: "button[name=action_approve]", run: "click" },
        {
            content: "Not without a decision about it",
            trigger: ".modal:contains(the card has changed since)",
        },
        { trigger: ".modal .modal-footer button", run: "click" },
        {
            trigger: ".o_data_row:contains(Phone) button[name=action_reject]",
            run: "click",
        },
        { trigger: ".o_data_row:contains(Phone):contains(Rejected)" },
        {
            trigger: ".o_data_row:contains(Website) button[name=action_accept]",
            run: "click",
        },
        { trigger: ".o_data_row:contains(Website):contains(Accepted)" },
        { trigger: "button[name=action_approve]", run: "click" },
        stateIs("Approved"),
        { trigger: ".o_data_row:contains(Phone):contains(Not Applied)" },
        { trigger: ".o_data_row:contains(Website):contains(Applied)" },
    ],
});

tours.add("card_change_report", {
    steps: () => [
        { trigger: ".o_menu_sections button:contains(Cards)", run: "click" },
        {
            trigger: ".o-dropdown--menu .dropdown-item:contains(Report a New Customer)",
            run: "click",
        },
        { trigger: ".modal .alert:contains(Tell what you know)" },
        {
            trigger: ".modal .o_field_widget[name=name] :is(input, textarea)",
            run: "edit Tour Newcomer",
        },
        {
            trigger: ".modal .o_field_widget[name=phone] input",
            run: "edit +32 2 888 88 88",
        },
        { trigger: ".modal-footer button:contains(Propose)", run: "click" },
        stateIs("Draft"),
        { trigger: "h1:contains(Tour Newcomer)" },
        {
            trigger: ".o_field_widget[name=team_id] input",
            run: "edit Test East",
        },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Test East)",
            run: "click",
        },
        { trigger: "button[name=action_submit]", run: "click" },
        stateIs("To Approve"),
    ],
});

tours.add("card_change_open", {
    steps: () => [
        ...openRow("Tour Newcomer"),
        { trigger: "button[name=action_approve]", run: "click" },
        {
            content: "The card is opened, to be completed",
            trigger: ".o_form_view .o_field_widget[name=card_number]",
        },
        { trigger: ".o-mail-Activity:contains(Complete the card)" },
    ],
});
