import { rpc } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

const tours = registry.category("web_tour.tours");

/** The state that the status bar of a form shows. */
function stateIs(label) {
    return {
        content: `The status is ${label}`,
        trigger: `.o_statusbar_status .o_arrow_button_current:contains(${label})`,
    };
}

function searchFor(text) {
    return [
        {
            content: `Search for ${text}`,
            trigger: ".o_searchview_input",
            run: `edit ${text}`,
        },
        { trigger: ".o_searchview_input", run: "press Enter" },
        { trigger: `.o_facet_value:contains(${text})` },
    ];
}

function openRow(text) {
    return [
        {
            content: `Open ${text}`,
            trigger: `.o_data_row .o_data_cell:contains(${text})`,
            run: "click",
        },
        { trigger: ".o_form_view" },
    ];
}

function readOnlyForm() {
    return [
        {
            content: "The name can be read",
            trigger: ".o_form_view h1 .o_field_widget[name=name].o_readonly_modifier",
        },
        {
            content: "Nothing of the customer can be typed",
            trigger: ".o_form_view .o_inner_group:not(:has(.o_field_widget[name=website] input))",
        },
    ];
}

tours.add("customer_card_open_wizard", {
    steps: () => [
        ...searchFor("Story"),
        {
            content: "Select all",
            trigger:
                ".o_list_view:has(.o_data_row:contains(Story Foods)) thead .o_list_record_selector input",
            run: "click",
        },
        { trigger: ".o_cp_action_menus .dropdown-toggle:contains(Actions)", run: "click" },
        { trigger: ".o-dropdown--menu .dropdown-item:contains(Open Cards)", run: "click" },
        {
            content: "The wizard knows the selection",
            trigger: ".modal .o_field_widget[name=partner_ids]:contains(Story Foods)",
        },
        { trigger: ".modal button[name=action_start]", run: "click" },
        {
            content: "Two cards, and one contact is refused with its reason",
            trigger: ".modal .o_field_widget[name=opened_count]:contains(2)",
        },
        { trigger: ".modal .o_data_row:contains(Story Colleague):contains(contact of a user)" },
        { trigger: ".modal button[name=action_show_opened]", run: "click" },
        { trigger: "body:not(:has(.modal)) .o_data_row:contains(Story Foods):contains(Active)" },
    ],
});

tours.add("customer_card_custodian_edits", {
    steps: () => [
        ...openRow("Alpha Foods"),
        { trigger: ".nav-link.active:contains(Customer Card)" },
        {
            trigger: ".o_field_widget[name=website] input",
            run: "edit https://alpha.example.com",
        },
        ...stepUtils.saveForm(),
        {
            content: "Custodians do not close cards, managers do",
            trigger:
                ".o_form_view:not(:has(button[name=action_card_close])) button[name=action_card_rest]",
        },
    ],
});

tours.add("customer_card_custodian_new", {
    steps: () => [
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: ".o_form_view .alert:contains(opens a customer card)" },
        { trigger: ".o_field_widget[name=name] :is(input, textarea)", run: "edit Story Newcomer" },
        ...stepUtils.saveForm(),
        stateIs("To Confirm"),
        { trigger: ".o_form_view:not(:has(button[name=action_card_confirm]))" },
    ],
});

tours.add("customer_card_manager_confirms", {
    steps: () => [
        ...openRow("Story Newcomer"),
        { trigger: "button[name=action_card_confirm]", run: "click" },
        stateIs("Active"),
    ],
});

tours.add("customer_card_stranger_finds_nothing", {
    steps: () => [
        { trigger: ".o_data_row:contains(Beta Tools)" },
        ...searchFor("Alpha"),
        { trigger: ".o_list_view:not(:has(.o_data_row:contains(Alpha))) .o_nocontent_help" },
    ],
});

tours.add("customer_card_request_access", {
    steps: () => [
        {
            content: "A hidden customer is an offer, and is not named",
            trigger: ".modal:has(.o_card_access_error):not(:contains(Alpha))",
        },
        { trigger: ".modal .o_card_request_access", run: "click" },
        stateIs("Draft"),
        {
            trigger: ".o_field_widget[name=purpose] textarea",
            run: "edit A joint offer with Beta Tools",
        },
        { trigger: "button[name=action_submit]", run: "click" },
        stateIs("To Approve"),
        { trigger: ".alert:contains(Waiting for the decision of):contains(Manager East)" },
    ],
});

tours.add("customer_card_manager_lends", {
    steps: () => [
        { trigger: ".o_switch_view.o_kanban", run: "click" },
        { trigger: ".o_kanban_record:contains(Alpha Foods)", run: "click" },
        { trigger: ".o_form_view .o_field_widget[name=purpose]:contains(A joint offer)" },
        { trigger: "button[name=action_approve]:contains(Lend)", run: "click" },
        stateIs("Lent"),
    ],
});

tours.add("customer_card_borrower_reads", {
    steps: () => [
        ...openRow("Alpha Foods"),
        { trigger: ".alert[name=card_lent]:contains(lent to you)" },
        ...readOnlyForm(),
        { trigger: ".o_form_view:not(:has(.o_form_statusbar button[name^=action_card]))" },
    ],
});

tours.add("customer_card_manager_revokes", {
    steps: () => [
        {
            trigger: ".o_kanban_group:contains(Lent) .o_kanban_record:contains(Alpha Foods)",
            run: "click",
        },
        { trigger: "button[name=action_revoke]", run: "click" },
        { trigger: ".modal .modal-footer .btn-primary", run: "click" },
        stateIs("Revoked"),
    ],
});

tours.add("customer_card_borrower_returns", {
    steps: () => [
        ...openRow("Alpha Foods"),
        { trigger: "button[name=action_return]", run: "click" },
        stateIs("Returned"),
    ],
});

tours.add("customer_card_reader_reads", {
    steps: () => [
        { trigger: ".o_data_row:contains(Beta Tools)" },
        ...openRow("Alpha Foods"),
        { trigger: ".alert[name=card_read_only]:contains(Custodian East)" },
        ...readOnlyForm(),
    ],
});

tours.add("customer_card_admin_departments", {
    steps: () => [
        { trigger: ".o_menu_sections button:contains(Configuration)", run: "click" },
        { trigger: ".o-dropdown--menu .dropdown-item:contains(Departments)", run: "click" },
        { trigger: ".o_data_row:contains(Test East):contains(Test Region)" },
        { trigger: ".o_list_button_add", run: "click" },
        { trigger: ".o_field_widget[name=name] input", run: "edit Story North" },
        { trigger: ".o_field_widget[name=parent_id] input", run: "edit Test Region" },
        {
            trigger: ".o-autocomplete--dropdown-item:contains(Test Region)",
            run: "click",
        },
        ...stepUtils.saveForm(),
    ],
});

/** Hands back the user's loan behind the back of the form that is open. */
async function returnLoan() {
    const call = (method, args) =>
        rpc(`/web/dataset/call_kw/customer.card.loan/${method}`, {
            model: "customer.card.loan",
            method,
            args,
            kwargs: {},
        });
    const ids = await call("search", [[["state", "=", "lent"]]]);
    await call("action_return", [ids]);
}

tours.add("customer_card_returned_is_gone", {
    steps: () => [
        {
            content: "The borrower reads the card",
            trigger: ".o_form_view:contains(Alpha Foods) [name=card_lent]",
        },
        {
            content: "It is handed back, and the page loaded again",
            trigger: ".o_form_view [name=email]",
            run: async () => {
                await returnLoan();
                window.location.reload();
            },
            expectUnloadPage: true,
        },
        {
            content: "Only the offer is left",
            trigger: ".modal button:contains(Request Access)",
        },
        {
            content: "Nothing of the customer is in the page",
            trigger: "body:not(:has(.o_form_view:contains(Alpha Foods)))",
        },
    ],
});
